import { hash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { useWriteAheadLog } from '#core/sqlite';
import type { FeedPosition } from './replica-mark.ts';
import { DIGEST_BYTES, type ReplicaRow } from './replica-row.ts';

/** The format of the replica's tables. Another one is fetched anew: a replica is a copy. */
const REPLICA_FORMAT = 1;
/** How long a connection waits for the others of the file. */
export const BUSY_MS = 5000;

/** Thrown when what a replica holds is not what was written. */
export class ReplicaDamaged extends Error {
  override readonly name = 'ReplicaDamaged';
}

/** What a replica says of itself. */
export interface ReplicaMeta {
  readonly format: number;
  readonly gatewayId: string;
  /** Name of the server group it was fetched for. */
  readonly serverGroup: string;
  /** Id of that group, from the manager; empty until the first catch-up. */
  readonly serverGroupId: string;
  /** undefined: nothing was fetched yet. */
  readonly position: FeedPosition | undefined;
  /** The number at which the workers last took a configuration; from then on `before:` rows are kept. undefined: never. */
  readonly acceptedSeq: number | undefined;
  /** Digest of all rows. */
  readonly digest: Uint8Array;
}

const columns = `kind TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, server_group TEXT, digest BLOB NOT NULL, payload TEXT,
  PRIMARY KEY (kind, id)`;

/** The statement that makes one table of objects. */
export const createObjects = (table: 'objects' | 'incoming'): string => `CREATE TABLE ${table} (${columns})`;

/** How a consumer key is found by its subscription, and subscriptions by their client; made anew whenever the table of objects is another one. */
export const createIndexes = `CREATE INDEX IF NOT EXISTS key_by_subscription ON objects (json_extract(payload, '$.subscriptionId'))
  WHERE kind = 'consumer-key';
  CREATE INDEX IF NOT EXISTS subscription_by_client ON objects (json_extract(payload, '$.clientId')) WHERE kind = 'subscription'`;

/** Opens the file as SQLite wants it for one writer and several readers. Nothing is checked. */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: BUSY_MS });
  try {
    // NORMAL: after a power cut the newest commits may be missing. The feed brings them again, and the mark tells that they were there.
    useWriteAheadLog(database);
    database.exec('PRAGMA synchronous = NORMAL');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Makes the tables in a new file. */
export function createTables(database: DatabaseSync, meta: { gatewayId: string; serverGroup: string }): void {
  transact(database, () => {
    database.exec(`${createObjects('objects')}; ${createObjects('incoming')}; ${createIndexes};
      CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1), format INTEGER NOT NULL, gateway_id TEXT NOT NULL, server_group TEXT NOT NULL,
        server_group_id TEXT NOT NULL, epoch TEXT, seq INTEGER NOT NULL, accepted_seq INTEGER, digest BLOB NOT NULL, checksum TEXT NOT NULL)`);
    writeMeta(database, {
      format: REPLICA_FORMAT,
      gatewayId: meta.gatewayId,
      serverGroup: meta.serverGroup,
      serverGroupId: '',
      position: undefined,
      acceptedSeq: undefined,
      digest: Buffer.alloc(DIGEST_BYTES),
    });
  });
}

/** Writes what a replica says of itself, inside the caller's transaction. */
export function writeMeta(database: DatabaseSync, meta: ReplicaMeta): void {
  database
    .prepare('INSERT OR REPLACE INTO meta VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    .run(
      meta.format,
      meta.gatewayId,
      meta.serverGroup,
      meta.serverGroupId,
      meta.position?.epoch ?? null,
      meta.position?.seq ?? 0,
      meta.acceptedSeq ?? null,
      meta.digest,
      checksumOf(meta),
    );
}

/** Reads what a replica says of itself. @throws ReplicaDamaged */
export function readMeta(database: DatabaseSync): ReplicaMeta {
  const row = database.prepare('SELECT * FROM meta WHERE one = 1').get();
  if (row === undefined) throw new ReplicaDamaged('it says nothing of itself');
  const meta: ReplicaMeta = {
    format: Number(row.format),
    gatewayId: String(row.gateway_id),
    serverGroup: String(row.server_group),
    serverGroupId: String(row.server_group_id),
    position: row.epoch === null ? undefined : { epoch: String(row.epoch), seq: Number(row.seq) },
    acceptedSeq: row.accepted_seq === null ? undefined : Number(row.accepted_seq),
    digest: row.digest instanceof Uint8Array ? row.digest : Buffer.alloc(0),
  };
  if (meta.format !== REPLICA_FORMAT) throw new ReplicaDamaged(`it has format ${meta.format}, not ${REPLICA_FORMAT}`);
  if (row.checksum !== checksumOf(meta)) throw new ReplicaDamaged('what it says of itself was changed');
  return meta;
}

/** Reads a row of objects as SQLite gives it, with its digest. */
export function parseRow(row: Record<string, unknown>): { row: ReplicaRow; digest: Uint8Array } {
  return {
    row: {
      kind: String(row.kind),
      id: String(row.id),
      seq: Number(row.seq),
      serverGroupId: typeof row.server_group === 'string' ? row.server_group : undefined,
      payload: typeof row.payload === 'string' ? row.payload : undefined,
    },
    digest: row.digest instanceof Uint8Array ? row.digest : Buffer.alloc(0),
  };
}

/** Runs work in one transaction; an error leaves nothing behind. */
export function transact<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

const DAMAGE_CODES = [1, 10, 11, 26]; // ERROR (a table is missing), IOERR (shorter than it says), CORRUPT, NOTADB

/** True when an error means that the file is damaged, and not that it is locked, unreadable to us or that the disk is full. */
export function isDamage(error: unknown): boolean {
  if (error instanceof ReplicaDamaged) return true;
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return false;
  return DAMAGE_CODES.includes(error.errcode & 0xff);
}

function checksumOf(meta: ReplicaMeta): string {
  const { format, gatewayId, serverGroup, serverGroupId, position, acceptedSeq, digest } = meta;
  return hash(
    'sha256',
    JSON.stringify([
      format,
      gatewayId,
      serverGroup,
      serverGroupId,
      position?.epoch ?? null,
      position?.seq ?? 0,
      acceptedSeq ?? null,
      Buffer.from(digest).toString('hex'),
    ]),
  );
}
