import { DatabaseSync } from 'node:sqlite';
import type { FeedDeployment, FeedKind, FeedServerGroup } from '#core/change-feed';
import { beforeKind, rowsBefore } from './replica-before.ts';
import { isDamage, parseRow, ReplicaDamaged, type ReplicaMeta, readMeta } from './replica-database.ts';
import { type ConfigurationKind, digestOf, type FeedPayloads, parsePayload, type ReplicaRow } from './replica-row.ts';

/** Everything that a worker compiles, as of one number of the feed. */
export interface Configuration {
  readonly serverGroup: FeedServerGroup;
  readonly deployments: readonly FeedDeployment[];
  readonly seq: number;
}

/** The configuration, read at one moment. */
export interface FoundConfiguration {
  readonly present: Configuration;
  /** What the workers last took, when the present one was not taken since; undefined: the same, or there is none. */
  readonly before: Configuration | undefined;
  /** The number that brought each deployment, by object id (`groupId/projectId`). */
  readonly deploymentSeqs: ReadonlyMap<string, number>;
}

/** A worker's view of the replica. Each read checks the row's digest. @throws ReplicaDamaged from every method */
export interface ReplicaReader {
  /** The present state of an object, checked and parsed strictly; undefined: there is none. */
  find<Kind extends FeedKind>(kind: Kind, id: string): FeedPayloads[Kind] | undefined;
  list<Kind extends FeedKind>(kind: Kind): FeedPayloads[Kind][];
  /** undefined: nothing was fetched yet, so there is nothing to serve. */
  findConfiguration(): FoundConfiguration | undefined;
  close(): void;
}

/** Opens the replica for reading, beside its writer. */
export function openReplicaForReading(file: string): ReplicaReader {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  const find = database.prepare('SELECT * FROM objects WHERE kind = ? AND id = ?');
  const list = database.prepare('SELECT * FROM objects WHERE kind = ? ORDER BY id');

  const rowsOf = (kind: string): ReplicaRow[] => list.all(kind).map(checked);
  return {
    find: (kind, id) =>
      damageNamed(() => {
        const row = find.get(kind, id);
        return row === undefined ? undefined : parseRowOf(kind, checked(row));
      }),
    list: (kind) => damageNamed(() => rowsOf(kind).map((row) => parseRowOf(kind, row))),
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
  const rows = { 'server-group': rowsOf('server-group'), deployment: rowsOf('deployment') };
  const before = {
    'server-group': rowsOf(beforeKind('server-group')),
    deployment: rowsOf(beforeKind('deployment')),
  };
  const present = configurationOf(meta, rows, meta.position.seq);
  if (present === undefined) return undefined;
  const isChanged = before.deployment.length + before['server-group'].length > 0;
  return {
    present,
    before:
      isChanged && meta.acceptedSeq !== undefined
        ? configurationOf(
            meta,
            {
              'server-group': rowsBefore(rows['server-group'], before['server-group']),
              deployment: rowsBefore(rows.deployment, before.deployment),
            },
            meta.acceptedSeq,
          )
        : undefined,
    deploymentSeqs: new Map(rows.deployment.map((row) => [row.id, row.seq])),
  };
}

function configurationOf(
  meta: ReplicaMeta,
  rows: Readonly<Record<ConfigurationKind, readonly ReplicaRow[]>>,
  seq: number,
): Configuration | undefined {
  const groups = rows['server-group'].map((row) => parseRowOf('server-group', row));
  const serverGroup = groups.find(({ id, name }) => id === meta.serverGroupId || name === meta.serverGroup);
  if (serverGroup === undefined) return undefined;
  const deployments = rows.deployment
    .map((row) => parseRowOf('deployment', row))
    .filter(({ serverGroupId }) => serverGroupId === serverGroup.id);
  return { serverGroup, deployments, seq };
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
