import type { FeedKind } from '#core/change-feed';
import type { RoleGrant } from '#core/model/role';
import { recordAudits } from './audit/trail.ts';
import type { ManagerContext } from './context.ts';
import type { Tx } from './database.ts';
import { appendToFeed } from './feed/append.ts';

/** Who changes something, by which way, in which operation. */
export interface Actor {
  /** User name; name of a machine key; `local` on the socket; `system` for the manager itself. */
  readonly name: string;
  readonly via: 'console' | 'api' | 'socket' | 'system';
  /** Operation id, e.g. `projects.create`. */
  readonly operation: string;
  /** Id of the management key; undefined on the socket and for the manager itself. */
  readonly keyId: string | undefined;
  readonly requestId: string | undefined;
  /** What they may do, for what is done to one server group (demandOn in access/principal.ts); left out: nothing there. */
  readonly grants?: readonly RoleGrant[];
}

/** One line of the audit trail. `before` and `after` hold no secret. */
export interface AuditNote {
  readonly objectKind: string;
  readonly objectId: string;
  readonly objectName: string;
  /** What was done, as a sentence: `Project orders-api was created.` */
  readonly sentence: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** An entry for the change feed; it gets its number when the transaction commits. */
export interface PendingEntry {
  readonly kind: FeedKind;
  readonly id: string;
  /** The server group it is for; undefined: for all. */
  readonly serverGroupId: string | undefined;
  /** undefined: the object is gone. */
  readonly payload: unknown;
}

/** What the work inside a change has at hand. */
export interface Unit {
  readonly tx: Tx;
  /** Epoch milliseconds of the change: one instant for everything in it. */
  readonly now: number;
  readonly actor: Actor;
  /** Notes a line for the audit trail; at least one a change. */
  audit(note: AuditNote): void;
  /** Puts an object's newest state into the change feed; the last one of an object in a change counts. */
  publish(kind: FeedKind, id: string, payload: unknown, serverGroupId?: string): void;
}

/** What became of a change. */
export interface Changed<Result> {
  readonly result: Result;
  /** Its number in the change feed; undefined when it published nothing. */
  readonly seq: number | undefined;
}

/**
 * Runs one change: everything it does — the records, their audit entries (decision 28), their feed entries — commits together or not at all.
 * The feed number is taken by the last statement (decision 8). After the commit the hooks run (gateways are woken, standings written).
 */
export async function change<Result>(
  context: ManagerContext,
  actor: Actor,
  work: (unit: Unit) => Promise<Result>,
): Promise<Result> {
  return (await changeNumbered(context, actor, work)).result;
}

/** Like {@link change}, and says the change's number in the feed. */
export async function changeNumbered<Result>(
  context: ManagerContext,
  actor: Actor,
  work: (unit: Unit) => Promise<Result>,
): Promise<Changed<Result>> {
  const now = context.clock.now();
  const changed = await context.db.transaction(async (tx) => {
    const notes: AuditNote[] = [];
    const entries = new Map<string, PendingEntry>();
    const result = await work({
      tx,
      now,
      actor,
      audit: (note) => void notes.push(note),
      publish: (kind, id, payload, serverGroupId) =>
        void entries.set(`${kind} ${id}`, { kind, id, serverGroupId, payload }),
    });
    if (notes.length === 0) throw new Error(`${actor.operation} changed something without an audit entry.`);
    await recordAudits(tx, notes, { actor, now, random: context.random });
    await context.db.announce(tx);
    const seq = entries.size === 0 ? undefined : await appendToFeed(tx, [...entries.values()], now);
    return { result, seq };
  });
  if (changed.seq !== undefined) await context.services.afterCommit(changed.seq);
  return changed;
}
