import type { DashboardOverview } from '#core/model/overview/screens';
import { attentionOf } from '../attention.ts';
import type { ManagerContext } from '../context.ts';
import { listDeployments } from '../deployments/deployment-list.ts';
import { readHead } from '../feed/append.ts';
import { findNotices } from '../metrics/notices.ts';
import { traffic30m } from '../metrics/traffic.ts';
import { countRecords } from '../status.ts';
import { readFirstSteps } from './first-steps.ts';

const RECENT = 6;

/** The dashboard. */
export async function showDashboard(context: ManagerContext): Promise<DashboardOverview> {
  const gateways = context.services.gateways.list(await readHead(context.db.read));
  const { items } = await listDeployments(context, { limit: RECENT });
  return {
    firstSteps: await readFirstSteps(context),
    traffic: (await traffic30m(context)) ?? { perMinute: 0, series: [] },
    attention: await attentionOf(context, gateways),
    notices: await findNotices(context, { now: context.clock.now() }),
    recentDeployments: items,
    counts: await countRecords(context),
  };
}
