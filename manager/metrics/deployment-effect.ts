import type { TrafficCount } from '#core/model/overview/traffic';
import type { ManagerContext } from '../context.ts';
import { unlessAway } from './traffic.ts';

const QUARTER_HOUR_MS = 15 * 60_000;

/** What of a deployment its effect is found by. */
export interface EffectPlace {
  readonly id: string;
  /** Names. */
  readonly project: string;
  readonly serverGroup: string;
  readonly version: number;
  readonly createdAt: number;
}

/** Traffic of the 15 minutes before a deployment and of its first 15 minutes. */
export interface Effect {
  readonly before: TrafficCount;
  readonly after: TrafficCount;
}

/**
 * What deployments did to the traffic of their project on their server group, by deployment id, with one question. Those of more than two days
 * ago are left out, since counts by the minute are not kept longer; so are all when the counts cannot be asked.
 */
export async function effectOfDeployments(
  context: ManagerContext,
  deployments: readonly EffectPlace[],
): Promise<ReadonlyMap<string, Effect>> {
  if (deployments.length === 0) return new Map();
  const turns = deployments.map(({ project, serverGroup, version, createdAt }) => ({
    ...{ project, serverGroup, version, at: createdAt },
    beforeMs: QUARTER_HOUR_MS,
    afterMs: QUARTER_HOUR_MS,
  }));
  const numbers = await unlessAway(context.services.exchanges.around(turns, context.clock.now()));
  return new Map(
    deployments.flatMap(({ id }, i) => {
      const found = numbers?.[i];
      if (found === undefined) return [];
      const { before, after } = found;
      return [
        [
          id,
          {
            before: { requests: before.requests, failed: before.failed },
            after: { requests: after.requests, failed: after.failed },
          },
        ] as const,
      ];
    }),
  );
}
