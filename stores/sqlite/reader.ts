import { UnavailableError } from '#core/errors';
import { STANDING_KINDS, type Standing, type StandingKind } from '#core/standing';
import type {
  Consent,
  FoundRefresh,
  FoundToken,
  Grant,
  StoreChange,
  StoreChanges,
  TransientKind,
} from '#core/token-store';
import { cursorOf, isPlaceLost, parseCursor } from '../feed-cursor.ts';
import { judgeRefresh } from '../grant-state.ts';
import { recordKey } from '../record-key.ts';
import type { RecordKind } from '../record-kind.ts';
import { judgeToken, minuteOf } from '../token-state.ts';
import { type CopyOut, prepareCopyOut } from './copy-out.ts';
import { prepareGrantLookup } from './grant-lookup.ts';
import type { ConsentKey } from './operation.ts';
import { parseStanding, prepareQuery, type Row, STANDING_COLUMNS } from './rows.ts';
import { openForReading } from './schema.ts';
import { CONSENT_COLUMNS, parseConsent, parseToken, TOKEN_COLUMNS } from './token-rows.ts';

/** Where the standings begin in a row of a token. */
const STANDINGS_AT = 20;

/** Look-ups on the calling thread: a few µs each, never behind the writer. */
export interface Reader extends Disposable {
  findToken(hash: string, now: number): FoundToken;
  findRefresh(hash: string, now: number): FoundRefresh;
  findGrant(id: string): Grant | undefined;
  findTransient(
    kind: TransientKind,
    id: string,
    now: number,
  ): { readonly value: string; readonly version: number; readonly expiresAt: number } | undefined;
  findConsent(whose: ConsentKey): Consent | undefined;
  listConsents(subject: string, limit: number): Consent[];
  countLive(clientId: string, now: number): number;
  readStandings(): Standing[];
  readMark(): { readonly epoch: string; readonly seq: number } | undefined;
  changesSince(cursor: string | undefined, limit: number): StoreChanges;
  sizes(): Readonly<Record<RecordKind, number>>;
  readonly copyOut: CopyOut;
}

/** Opens a connection for look-ups. Each method throws UnavailableError when the file cannot be read. */
export function openReader(file: string): Reader {
  const database = openForReading(file);
  const prepare = (text: string) => prepareQuery(database, text);
  const grants = prepareGrantLookup(database);
  const copyOut = prepareCopyOut(database);
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
  const transient = prepare('SELECT value, version, expires_at FROM transient WHERE key = ? AND expires_at > ?');
  const consent = prepare(
    `SELECT ${CONSENT_COLUMNS} FROM consent WHERE subject = ? AND client_id = ? AND project_id = ?`,
  );
  const consents = prepare(
    `SELECT ${CONSENT_COLUMNS} FROM consent WHERE subject = ? ORDER BY updated_at DESC, client_id, project_id LIMIT ?`,
  );
  const counts = prepare('SELECT name, n FROM record_count');
  const changes = prepare(
    `SELECT f.seq, lower(hex(f.hash)), f.kind, f.id, ${STANDING_COLUMNS}
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
        const { grantId } = stored.token;
        return judgeToken(
          stored,
          grantId === undefined ? undefined : grants.findRevocation(grantId, now),
          (kind, id) => parseStanding(kind, id, row, STANDINGS_AT + 5 * STANDING_KINDS.indexOf(kind)),
          now,
        );
      }),
    findRefresh: (hash, now) =>
      reading(() => {
        const found = grants.findRefresh(hash);
        return found === undefined ? { state: 'unknown' } : judgeRefresh(found, now);
      }),
    findGrant: (id) => reading(() => grants.findGrant(id)?.grant),
    findTransient: (kind, id, now) =>
      reading(() => {
        const row = transient.get(recordKey(kind, id), now);
        if (row === undefined) return undefined;
        return { value: String(row[0]), version: Number(row[1]), expiresAt: Number(row[2]) };
      }),
    findConsent: ({ subject, clientId, projectId }) =>
      reading(() => {
        const row = consent.get(subject, clientId, projectId);
        return row === undefined ? undefined : parseConsent(row);
      }),
    listConsents: (subject, limit) => reading(() => consents.all(subject, limit).map(parseConsent)),
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
    sizes: () =>
      reading(() => {
        const sizes = { access: 0, refresh: 0, codes: 0, grants: 0, transients: 0, once: 0, consents: 0 };
        for (const [name, n] of counts.all()) sizes[String(name) as RecordKind] = Number(n);
        return sizes;
      }),
    copyOut: (kind, after, limit) => reading(() => copyOut(kind, after, limit)),
    [Symbol.dispose]: () => database.close(),
  };
}

function standingColumns(alias: string): string {
  return STANDING_COLUMNS.split(', ')
    .map((column) => `${alias}.${column}`)
    .join(', ');
}

function parseChange(row: Row): StoreChange {
  if (row[2] === null) return { kind: 'token', hash: String(row[1]) };
  if (row[2] === 'grant') return { kind: 'grant', id: String(row[3]) };
  const standing = parseStanding(row[2] as StandingKind, String(row[3]), row, 4);
  return standing === undefined ? { kind: 'token', hash: String(row[1]) } : { kind: 'standing', standing };
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UnavailableError('the token store could not be read', { cause: error });
  }
}
