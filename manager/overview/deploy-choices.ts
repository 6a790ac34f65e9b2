import type { DeployChoices } from '#core/model/overview/screens';
import type { ManagerContext } from '../context.ts';
import { readHead } from '../feed/append.ts';
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
  const { id } = await getProjectRow(read, reference);
  const live = (await liveRowsOf(read, [id])).get(id) ?? [];
  const gateways = context.services.gateways.list(await readHead(read));
  const groups = await listGroups(read);
  return {
    serverGroups: groups.map(({ id: groupId, name, displayName }) => {
      const own = gateways.filter(({ serverGroup }) => serverGroup === name);
      const running = live.find(({ server_group_id }) => server_group_id === groupId);
      return {
        ...{ name, displayName, gateways: own.length },
        gatewaysUp: own.filter(({ state }) => state === 'ready').length,
        ...(running !== undefined && { version: running.version }),
        isAllowed: viewer.may('deployments:write', name),
      };
    }),
  };
}
