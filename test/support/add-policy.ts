import { deployAndWait } from './quickstart.ts';
import type { System } from './system.ts';

/** Adds a policy to a project, behind what is there, and deploys it. */
export async function addPolicy(place: System, project: string, type: string, ...settings: string[]): Promise<void> {
  await place.run(0, 'policy', 'create', `${project}/${type}`, `type=${type}`, ...settings);
  await place.run(
    0,
    'resource',
    'set',
    `${project}/default-resource`,
    endpointsWith(await endpointsOf(place, project), type),
  );
  await deployAndWait(place, project);
}

type Endpoints = Record<string, { policy: string; enabled: boolean }[]>;

async function endpointsOf(place: System, project: string): Promise<Endpoints> {
  const { endpoints } = await place.must<{ endpoints: Endpoints }>(
    'GET',
    `/projects/${project}/resources/default-resource`,
  );
  return endpoints;
}

function endpointsWith(endpoints: Endpoints, policy: string): string {
  const proxyRequest = [...(endpoints.proxyRequest ?? []), { policy, enabled: true }];
  return `endpoints=${JSON.stringify({ ...endpoints, proxyRequest })}`;
}
