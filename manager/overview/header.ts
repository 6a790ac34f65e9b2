import type { HeaderOverview } from '#core/model/overview/screens';
import { attentionAndNotices } from '../attention.ts';
import type { ManagerContext } from '../context.ts';
import { readHead } from '../feed/append.ts';

/** What stands above every page. */
export async function showHeader(context: ManagerContext): Promise<HeaderOverview> {
  const gateways = context.services.gateways.list(await readHead(context.db.read));
  const ready = gateways.filter(({ state }) => state === 'ready').length;
  return { gateways: { ready, total: gateways.length }, attention: await attentionAndNotices(context, gateways) };
}
