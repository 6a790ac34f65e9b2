import type { DeployChoices } from '#core/model/overview/screens';
import type { ManagerContext } from '../context.ts';
import { readHead } from '../feed/append.ts';
import { requestsPerMinute } from '../metrics/traffic.ts';
import { getProjectRow } from '../records/project.ts';
import { liveRowsOf } from './live-version.ts';
import { listGroups } from './public-urls.ts';
import type { Viewer } from './viewer.ts';

/** Where a project can be deployed to, and what runs there. @throws ProblemError `not_found` */
export async function showDeployChoices(
  context: ManagerContext,
  viewer: Viewer,
  reference: string,
): Promise<DeployChoices> {
  const { read } = context.db;
  const project = await getProjectRow(read, reference);
  const { id } = project;
  const live = (await liveRowsOf(read, [id])).get(id) ?? [];
  const gateways = context.services.gateways.list(await readHead(read));
  const groups = await listGroups(read);
  const traffic = await requestsPerMinute(context, [project.name]);
  return {
    serverGroups: groups.map(({ id: groupId, name, displayName }) => {
      const own = gateways.filter(({ serverGroup }) => serverGroup === name);
      const running = live.find(({ server_group_id }) => server_group_id === groupId);
      return {
        ...{ name, displayName, gateways: own.length },
        gatewaysUp: own.filter(({ state }) => state === 'ready').length,
        ...(running !== undefined && { version: running.version }),
        ...(traffic !== undefined && { requestsPerMinute: traffic.get(project.name)?.get(name) ?? 0 }),
        isAllowed: viewer.may('deployments:write', name),
      };
    }),
  };
}
