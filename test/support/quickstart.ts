import type { System } from './system.ts';

/** What `gatewright quickstart --json` prints. */
export interface Quickstart {
  readonly tokenUrl: string;
  readonly apiUrl: string;
  readonly plainUrl: string;
  readonly consumerKey: string;
  readonly consumerSecret: string;
}

/** Runs the quickstart on a fresh system. */
export async function quickstart(system: System, target: string): Promise<Quickstart> {
  const result = await system.cli(['quickstart', '--target', target, '--json']);
  if (result.code !== 0) throw new Error(`quickstart: ${result.code} ${result.stderr}`);
  return JSON.parse(result.stdout) as Quickstart;
}

/** Deploys a project to Local and waits until every gateway runs it. */
export async function deployAndWait(system: System, project: string): Promise<{ id: string; version: number }> {
  return settled(system, await system.must('POST', '/deployments', { project, serverGroup: 'local' }));
}

/** Waits until every gateway runs a deployment; throws when one refuses it. */
export async function settled(
  system: System,
  made: { id: string; version: number },
  timeoutMs = 20_000,
): Promise<{ id: string; version: number }> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const now = await system.must<{ gateways: { state: string; problem?: string }[] }>(
      'GET',
      `/deployments/${made.id}`,
    );
    if (now.gateways.length > 0 && now.gateways.every((gateway) => gateway.state === 'running')) return made;
    const refused = now.gateways.find((gateway) => gateway.state === 'refused');
    if (refused !== undefined) throw new Error(`refused: ${refused.problem}`);
    if (performance.now() > deadline) throw new Error(`not running after ${timeoutMs} ms: ${JSON.stringify(now)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
