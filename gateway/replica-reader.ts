import { DatabaseSync } from 'node:sqlite';
import type {
  ConsumerKeyEntry,
  FeedDeployment,
  FeedGroupVariables,
  FeedKind,
  FeedServerGroup,
  FeedSubscription,
} from '#core/change-feed';
import { BEFORE } from './replica-before.ts';
import { BUSY_MS, isDamage, parseRow, ReplicaDamaged, type ReplicaMeta, readMeta } from './replica-database.ts';
import { digestOf, type FeedPayloads, parsePayload, type ReplicaRow } from './replica-row.ts';

/** Everything that a worker compiles, as of one number of the feed. */
export interface Configuration {
  readonly serverGroup: FeedServerGroup;
  readonly deployments: readonly FeedDeployment[];
  /** What selectors of the deployments stand for; secrets sealed. */
  readonly variables: FeedGroupVariables | undefined;
  readonly seq: number;
}

/** The configuration, read at one moment. Object ids are `groupId/projectId`. */
export interface FoundConfiguration {
  readonly present: Configuration;
  /** The number that brought each deployment. */
  readonly deploymentSeqs: ReadonlyMap<string, number>;
  /** Of deployments that changed since the workers last took one: what they were; undefined: there was none. */
  readonly before: ReadonlyMap<string, FeedDeployment | undefined>;
}

/** A worker's view of the replica. Each read checks the row's digest. @throws ReplicaDamaged from every method */
export interface ReplicaReader {
  /** The present state of an object, checked and parsed strictly; undefined: there is none. */
  find<Kind extends FeedKind>(kind: Kind, id: string): FeedPayloads[Kind] | undefined;
  list<Kind extends FeedKind>(kind: Kind): FeedPayloads[Kind][];
  findConsumerKeyOf(subscriptionId: string): ConsumerKeyEntry | undefined;
  /** All subscriptions of a client, in whatever state. */
  listSubscriptionsOf(clientId: string): FeedSubscription[];
  /** undefined: nothing was fetched yet, so there is nothing to serve. */
  findConfiguration(): FoundConfiguration | undefined;
  close(): void;
}

/** Opens the replica for reading, beside its writer. */
export function openReplicaForReading(file: string): ReplicaReader {
  const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS });
  const find = database.prepare('SELECT * FROM objects WHERE kind = ? AND id = ?');
  const list = database.prepare('SELECT * FROM objects WHERE kind = ? ORDER BY id');

  const findKeyOf = database.prepare(
    `SELECT * FROM objects WHERE kind = 'consumer-key' AND json_extract(payload, '$.subscriptionId') = ? ORDER BY seq DESC LIMIT 1`,
  );
  const listSubscriptionsOf = database.prepare(
    `SELECT * FROM objects WHERE kind = 'subscription' AND json_extract(payload, '$.clientId') = ? ORDER BY id`,
  );

  const rowsOf = (kind: string): ReplicaRow[] => list.all(kind).map(checked);
  return {
    find: (kind, id) =>
      damageNamed(() => {
        const row = find.get(kind, id);
        return row === undefined ? undefined : parseRowOf(kind, checked(row));
      }),
    list: (kind) => damageNamed(() => rowsOf(kind).map((row) => parseRowOf(kind, row))),
    findConsumerKeyOf: (subscriptionId) =>
      damageNamed(() => {
        const row = findKeyOf.get(subscriptionId);
        return row === undefined ? undefined : parseRowOf('consumer-key', checked(row));
      }),
    listSubscriptionsOf: (clientId) =>
      damageNamed(() => listSubscriptionsOf.all(clientId).map((row) => parseRowOf('subscription', checked(row)))),
    findConfiguration: () =>
      damageNamed(() => {
        database.exec('BEGIN'); // one moment for all reads
        try {
          return findConfiguration(readMeta(database), rowsOf);
        } finally {
          database.exec('COMMIT');
        }
      }),
    close: () => database.close(),
  };
}

function findConfiguration(meta: ReplicaMeta, rowsOf: (kind: string) => ReplicaRow[]): FoundConfiguration | undefined {
  if (meta.position === undefined) return undefined;
  const groups = rowsOf('server-group').map((row) => parseRowOf('server-group', row));
  const serverGroup = groups.find(({ id, name }) => id === meta.serverGroupId || name === meta.serverGroup);
  if (serverGroup === undefined) return undefined;
  const rows = rowsOf('deployment').filter(({ id }) => id.startsWith(`${serverGroup.id}/`));
  const deployments = rows.map((row) => parseRowOf('deployment', row));
  const before = rowsOf(BEFORE).map(
    (row) => [row.id, row.payload === undefined ? undefined : parseRowOf('deployment', row)] as const,
  );
  const variables = rowsOf('group-variables')
    .filter(({ id }) => id === serverGroup.id)
    .map((row) => parseRowOf('group-variables', row))[0];
  return {
    present: { serverGroup, deployments, variables, seq: meta.position.seq },
    deploymentSeqs: new Map(rows.map((row) => [row.id, row.seq])),
    before: new Map(before),
  };
}

function checked(raw: Record<string, unknown>): ReplicaRow {
  const { row, digest } = parseRow(raw);
  if (!digestOf(row).equals(digest)) throw new ReplicaDamaged(`${row.kind} ${row.id} was changed`);
  return row;
}

function parseRowOf<Kind extends FeedKind>(kind: Kind, row: ReplicaRow): FeedPayloads[Kind] {
  try {
    return parsePayload(kind, row.payload ?? '');
  } catch (error) {
    throw new ReplicaDamaged(`${row.kind} ${row.id} cannot be read`, { cause: error });
  }
}

function damageNamed<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof ReplicaDamaged || !isDamage(error)) throw error;
    throw new ReplicaDamaged(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
