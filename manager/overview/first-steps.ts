import { sql } from 'kysely';
import { type DashboardOverview, FIRST_STEPS } from '#core/model/overview/screens';
import type { ManagerContext } from '../context.ts';

/** The first steps, ticked by what is there, in one statement of look-ups that each end at the first row. */
export async function readFirstSteps(context: ManagerContext): Promise<DashboardOverview['firstSteps']> {
  const { rows } = await sql<Record<string, number>>`select
    exists (select 1 from projects where kind = 'oauth-token-endpoint') as "token-endpoint",
    exists (select 1 from policies where type = 'oauth-verify-access-token') as "protected-api",
    exists (
      select 1 from projects
      join deployments on deployments.project_id = projects.id and deployments.state = 'live'
      where projects.kind = 'oauth-token-endpoint' and exists (
        select 1 from policies
        join deployments as guarded on guarded.project_id = policies.project_id and guarded.state = 'live'
        where policies.type = 'oauth-verify-access-token' and guarded.server_group_id = deployments.server_group_id)
    ) as deployed,
    exists (
      select 1 from subscriptions
      where exists (select 1 from product_projects where product_projects.product_id = subscriptions.product_id)
    ) as registered,
    exists (select 1 from secrets) as keys`.execute(context.db.read);
  const done = rows[0] ?? {};
  const call = done.keys === 1 && (await context.services.firstCall.wasMade());
  return FIRST_STEPS.map((id) => ({ id, done: id === 'call' ? call : Number(done[id]) === 1 }));
}
