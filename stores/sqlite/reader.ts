import type { SQLOutputValue } from 'node:sqlite';
import { UnavailableError } from '#core/errors';
import { STANDING_KINDS, type Standing, type StandingKind } from '#core/standing';
import type { FoundToken, StoreChange, StoreChanges } from '#core/token-store';
import { cursorOf, isPlaceLost, parseCursor } from '../feed-cursor.ts';
import { judgeToken, minuteOf, type StoredToken } from '../token-state.ts';
import { openForReading } from './schema.ts';

const TOKEN_COLUMNS = `t.issued_at, t.expires_at, t.client_generation, t.subscription_generation, t.secret_generation,
  t.subject_generation, t.subject, t.scopes, t.parameters, t.revoked_at, t.revoked_by, t.revoked_reason,
  h.client_id, h.subscription_id, h.product_id, h.secret_id, h.server_group_id, h.project_id`;
const STANDING_COLUMNS = 'generation, active, by, at, reason';

type Row = readonly SQLOutputValue[];

/** Look-ups on the calling thread: a few µs each, never behind the writer. */
export interface Reader extends Disposable {
  findToken(hash: string, now: number): FoundToken;
  countLive(clientId: string, now: number): number;
  readStandings(): Standing[];
  readMark(): { readonly epoch: string; readonly seq: number } | undefined;
  changesSince(cursor: string | undefined, limit: number): StoreChanges;
}

/** Opens a connection for look-ups. Each method throws UnavailableError when the file cannot be read. */
export function openReader(file: string): Reader {
  const database = openForReading(file);
  const prepare = (text: string) => {
    const statement = database.prepare(text);
    statement.setReturnArrays(true);
    return {
      get: (...values: (string | number | Uint8Array)[]) => statement.get(...values) as Row | undefined,
      all: (...values: (string | number | Uint8Array)[]) => statement.all(...values) as unknown as Row[],
    };
  };
  const token = prepare(
    `SELECT ${TOKEN_COLUMNS}, ${STANDING_KINDS.map((kind) => standingColumns(kind)).join(', ')}
     FROM token t JOIN holder h ON h.id = t.holder
     LEFT JOIN standing client ON client.kind = 'client' AND client.id = h.client_id
     LEFT JOIN standing subscription ON subscription.kind = 'subscription' AND subscription.id = h.subscription_id
     LEFT JOIN standing secret ON secret.kind = 'secret' AND secret.id = h.secret_id
     LEFT JOIN standing subject ON subject.kind = 'subject' AND subject.id = t.subject
     WHERE t.hash = ?`,
  );
  const live = prepare('SELECT coalesce(sum(n), 0) FROM live_count WHERE client_id = ? AND minute >= ?');
  const standings = prepare(`SELECT kind, id, ${STANDING_COLUMNS} FROM standing`);
  const meta = prepare('SELECT value FROM meta WHERE key = ?');
  const bounds = prepare(
    `SELECT (SELECT value FROM meta WHERE key = 'epoch'), (SELECT min(seq) FROM feed),
       (SELECT seq FROM sqlite_sequence WHERE name = 'feed')`,
  );
  const changes = prepare(
    `SELECT f.seq, lower(hex(f.hash)), s.kind, s.id, ${STANDING_COLUMNS}
     FROM feed f LEFT JOIN standing s ON s.kind = f.kind AND s.id = f.id WHERE f.seq > ? ORDER BY f.seq LIMIT ?`,
  );

  function readFeed(cursor: string | undefined, limit: number): StoreChanges {
    const [epochValue, firstValue, lastValue] = bounds.get() ?? [];
    const [epoch, last] = [String(epochValue), Number(lastValue ?? 0)];
    const present = cursorOf({ epoch, seq: last });
    if (cursor === undefined) return { cursor: present, flush: false, changes: [] };
    const place = parseCursor(cursor);
    const first = firstValue === null ? last + 1 : Number(firstValue);
    if (place === undefined || isPlaceLost(place, { epoch, first, last })) {
      return { cursor: present, flush: true, changes: [] };
    }
    if (place.seq === last) return { cursor, flush: false, changes: [] };
    const rows = changes.all(place.seq, limit);
    const seq = Number(rows.at(-1)?.[0] ?? place.seq);
    return { cursor: cursorOf({ epoch, seq }), flush: false, changes: rows.map(parseChange) };
  }

  return {
    findToken: (hash, now) =>
      reading(() => {
        const row = token.get(Buffer.from(hash, 'hex'));
        if (row === undefined) return { state: 'unknown' };
        const stored = parseToken(hash, row);
        return judgeToken(
          stored,
          (kind, id) => parseStanding(kind, id, row, 18 + 5 * STANDING_KINDS.indexOf(kind)),
          now,
        );
      }),
    countLive: (clientId, now) => reading(() => Number(live.get(clientId, minuteOf(now))?.[0] ?? 0)),
    readStandings: () =>
      reading(() =>
        standings
          .all()
          .map((row) => parseStanding(row[0] as StandingKind, String(row[1]), row, 2))
          .filter((standing) => standing !== undefined),
      ),
    readMark: () =>
      reading(() => {
        const value = meta.get('feed-mark')?.[0];
        return typeof value === 'string' ? (JSON.parse(value) as { epoch: string; seq: number }) : undefined;
      }),
    changesSince: (cursor, limit) => reading(() => readFeed(cursor, limit)),
    [Symbol.dispose]: () => database.close(),
  };
}

function standingColumns(alias: string): string {
  return STANDING_COLUMNS.split(', ')
    .map((column) => `${alias}.${column}`)
    .join(', ');
}

function parseToken(hash: string, row: Row): StoredToken {
  const scopes = String(row[7]);
  const generations = { client: Number(row[2]), subscription: Number(row[3]), secret: Number(row[4]) };
  return {
    token: {
      hash,
      clientId: String(row[12]),
      subscriptionId: String(row[13]),
      productId: String(row[14]),
      secretId: String(row[15]),
      serverGroupId: String(row[16]),
      projectId: String(row[17]),
      subject: row[6] === null ? undefined : String(row[6]),
      scopes: scopes === '' ? [] : scopes.split(' '),
      issuedAt: Number(row[0]),
      expiresAt: Number(row[1]),
      generations: row[5] === null ? generations : { ...generations, subject: Number(row[5]) },
      parameters: row[8] === null ? {} : (JSON.parse(String(row[8])) as Record<string, string>),
    },
    revocation: row[9] === null ? undefined : { at: Number(row[9]), by: String(row[10]), reason: parseReason(row[11]) },
  };
}

/** A standing whose five columns begin at `offset`; undefined where none was written. */
function parseStanding(kind: StandingKind, id: string, row: Row, offset: number): Standing | undefined {
  if (row[offset] === null || row[offset] === undefined) return undefined;
  return {
    kind,
    id,
    generation: Number(row[offset]),
    active: row[offset + 1] === 1,
    by: String(row[offset + 2]),
    at: Number(row[offset + 3]),
    reason: parseReason(row[offset + 4]),
  };
}

function parseChange(row: Row): StoreChange {
  const standing = row[2] === null ? undefined : parseStanding(row[2] as StandingKind, String(row[3]), row, 4);
  return standing === undefined ? { kind: 'token', hash: String(row[1]) } : { kind: 'standing', standing };
}

function parseReason(value: SQLOutputValue | undefined): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UnavailableError('the token store could not be read', { cause: error });
  }
}
