import type { BaseContext } from '../context.ts';
import { makeCheckpoint } from './checkpoints.ts';
import { createOutside, type Outside } from './outside.ts';

import { forgetOld, readRetentionDays } from './retention.ts';

/** What keeps the trail while the manager runs: checkpoints, their copies outside, and retention. */
export interface AuditKeeping {
  readonly outside: Outside;
  /** Once a second: signs when it is due and writes outside. */
  tick(): Promise<void>;
  /** Once a minute: forgets what is older than the retention. */
  retain(): Promise<void>;
  /** Signs what is new and tries once more to write it outside. */
  finish(): Promise<void>;
}

/** Makes it; whoever calls has the timers. */
export function createAuditKeeping(base: BaseContext): AuditKeeping {
  const { db, clock, egress, logger, options } = base;
  const outside = createOutside(options.audit, { db, egress, logger });
  const sign = async (isLast: boolean) => {
    await makeCheckpoint(base, isLast);
    await outside.deliver(clock.now());
  };
  return {
    outside,
    tick: () => sign(false),
    retain: async () => void (await forgetOld(base, await readRetentionDays(db.read, options.audit.retentionDays))),
    finish: () => sign(true),
  };
}
