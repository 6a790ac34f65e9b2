import {
  consumerKeyEntry,
  type FeedEntry,
  type FeedKind,
  feedClient,
  feedSubject,
  feedSubscription,
} from '#core/change-feed';
import type { Standing } from '#core/standing';
import type { Reader } from '../database.ts';

/** The kinds of feed entries that carry a standing. */
export const STANDING_FEED_KINDS: readonly FeedKind[] = ['client', 'subscription', 'consumer-key', 'subject'];

/** The standings that feed entries carry (decision 4); those of deleted objects are looked up where they were left. */
export async function standingsOf(reader: Reader, entries: readonly FeedEntry[]): Promise<Standing[]> {
  const standings: Standing[] = [];
  for (const entry of entries)
    standings.push(
      ...(entry.payload === undefined ? await standingsOfDeleted(reader, entry) : standingsOfPresent(entry)),
    );
  return standings;
}

function standingsOfPresent({ kind, payload }: FeedEntry): Standing[] {
  if (kind === 'client') {
    const client = feedClient.parse(payload);
    return [{ kind: 'client', id: client.id, generation: client.generation, active: client.active, ...noteOf(client) }];
  }
  if (kind === 'subscription') {
    const { id, generation, state, ...rest } = feedSubscription.parse(payload);
    return [{ kind: 'subscription', id, generation, active: state === 'active', ...noteOf(rest) }];
  }
  if (kind === 'subject') {
    const { id, generation, active, ...rest } = feedSubject.parse(payload);
    return [{ kind: 'subject', id, generation, active, ...noteOf(rest) }];
  }
  return consumerKeyEntry.parse(payload).secrets.map((secret) => ({
    kind: 'secret',
    id: secret.id,
    generation: secret.generation,
    active: secret.active,
    ...noteOf(secret),
  }));
}

/** What was deleted never comes back: inactive, under the raised generation that was left behind. */
async function standingsOfDeleted(reader: Reader, { kind, id }: FeedEntry): Promise<Standing[]> {
  const rows = await reader
    .selectFrom('standing_tombstones')
    .selectAll()
    .where('feed_kind', '=', kind)
    .where('feed_id', '=', id)
    .execute();
  return rows.map((row) => ({
    kind: parseKind(row.kind),
    id: row.id,
    generation: row.generation,
    active: false,
    by: row.changed_by,
    at: Number(row.changed_at),
    reason: row.changed_reason ?? undefined,
  }));
}

function parseKind(kind: string): Standing['kind'] {
  if (kind === 'client' || kind === 'subscription' || kind === 'secret') return kind;
  throw new Error(`There is no standing of a ${kind}.`);
}

function noteOf(changed: {
  readonly changedBy: string;
  readonly changedAt: number;
  readonly changedReason?: string | undefined;
}): Pick<Standing, 'by' | 'at' | 'reason'> {
  return { by: changed.changedBy, at: changed.changedAt, reason: changed.changedReason };
}
