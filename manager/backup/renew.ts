import type { Kysely } from 'kysely';
import { newId } from '#core/id';
import type { Random } from '#core/random';
import { recordAudits } from '../audit/trail.ts';
import type { Database } from '../database.ts';
import { writeSetting } from '../setting.ts';
import type { Actor } from '../unit-of-work.ts';

/** Who restores, as the audit trail names it. */
export const RESTORER: Actor = {
  name: 'system',
  via: 'system',
  operation: 'manager.restore',
  keyId: undefined,
  requestId: undefined,
};

/**
 * Makes restored data a new beginning: another epoch of the change feed, so that every gateway takes everything anew, no open setup, and an
 * entry in the audit trail.
 * @returns the new epoch
 */
export async function renew(
  db: Kysely<Database>,
  { sentence, now, random }: { readonly sentence: string; readonly now: number; readonly random: Random },
): Promise<string> {
  const epoch = newId('fee', random);
  await db.transaction().execute(async (tx) => {
    await writeSetting(tx, 'setup', undefined);
    await tx.updateTable('feed_meta').set({ epoch }).execute();
    const note = { objectKind: 'manager', objectId: 'manager', objectName: 'manager', sentence };
    await recordAudits(tx, [note], { actor: RESTORER, now, random });
  });
  return epoch;
}
