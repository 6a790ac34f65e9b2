import { STANDING_KINDS } from '#core/standing';
import type { CopiedKind, CopiedRow, TokenStore } from '#core/token-store';
import { type AdoptionParts, createAdoption } from './adopt.ts';
import type { Row } from './connection.ts';
import * as rows from './rows.ts';
import { GRANT_COLUMNS, parseStanding, standingColumns, TOKEN_COLUMNS } from './rows.ts';

interface Source {
  readonly columns: string;
  readonly from: string;
  /** What its rows are ordered by. */
  readonly key: readonly string[];
  readonly parse: (row: Row) => CopiedRow;
  /** The values of the key, as text. */
  readonly keyOf: (row: CopiedRow) => readonly string[];
}

/** Where the rows of a kind are, and how one is read. Pages go by the primary key, so that no row is missed that stays. */
const SOURCES: Readonly<Record<CopiedKind, Source>> = {
  standing: {
    columns: `s.kind, s.id, ${standingColumns('s')}`,
    ...{ from: 'standing s', key: ['s.kind', 's.id'] },
    parse(row) {
      const kind = STANDING_KINDS.find((one) => one === row[0]) ?? 'client';
      const standing = parseStanding(kind, String(row[1]), row, 2);
      if (standing === undefined) throw new Error('a standing has no generation');
      return { kind: 'standing', standing };
    },
    keyOf: (row) => (row.kind === 'standing' ? [row.standing.kind, row.standing.id] : []),
  },
  grant: {
    ...{ columns: GRANT_COLUMNS, from: 'access_grant g', key: ['g.id'] },
    parse(row) {
      const { grant, revocation } = rows.parseGrant(row);
      return { kind: 'grant', grant, revoked: revocation };
    },
    keyOf: (row) => (row.kind === 'grant' ? [row.grant.id] : []),
  },
  access: {
    ...{ columns: TOKEN_COLUMNS, from: 'token t join holder h on h.id = t.holder', key: ['t.hash'] },
    parse(row) {
      const { token, revocation } = rows.parseToken(row);
      return { kind: 'access', token, revoked: revocation };
    },
    keyOf: (row) => (row.kind === 'access' ? [row.token.hash] : []),
  },
  code: {
    columns: 'hash, grant_id, redirect_uri, code_challenge, issued_at, expires_at, consumed_by',
    ...{ from: 'code', key: ['hash'] },
    parse: (row) => ({ kind: 'code', code: rows.parseCode(row), consumed: rows.parseText(row[6]) }),
    keyOf: (row) => (row.kind === 'code' ? [row.code.hash] : []),
  },
  refresh: {
    columns: 'hash, grant_id, issued_at, expires_at, used_at, used_by',
    ...{ from: 'refresh', key: ['hash'] },
    parse: (row) => ({ kind: 'refresh', ...rows.parseRefresh(row) }),
    keyOf: (row) => (row.kind === 'refresh' ? [row.token.hash] : []),
  },
  once: {
    ...{ columns: 'key, expires_at', from: 'once', key: ['key'] },
    parse: (row) => ({ kind: 'once', key: rows.parseHash(row[0]), until: Number(row[1]) }),
    keyOf: (row) => (row.kind === 'once' ? [row.key] : []),
  },
  transient: {
    ...{ columns: 'key, value, version, expires_at', from: 'transient', key: ['key'] },
    parse: (row) => ({
      ...{ kind: 'transient', key: rows.parseHash(row[0]), value: String(row[1]) },
      ...{ version: Number(row[2]), expiresAt: Number(row[3]) },
    }),
    keyOf: (row) => (row.kind === 'transient' ? [row.key] : []),
  },
  consent: {
    columns: 'subject, client_id, project_id, scopes, granted_at, updated_at',
    ...{ from: 'consent', key: ['subject', 'client_id', 'project_id'] },
    parse: (row) => ({ kind: 'consent', consent: rows.parseConsent(row) }),
    keyOf: (row) => (row.kind === 'consent' ? [row.consent.subject, row.consent.clientId, row.consent.projectId] : []),
  },
};

/** What is a hash in the tables, and hex digits in a key. */
const HASHES = ['t.hash', 'hash', 'key'];

/** Copying rows out and in. */
export function createCopies(parts: AdoptionParts): Pick<Required<TokenStore>, 'copyOut' | 'copyIn'> {
  return {
    async copyOut(kind, after, limit) {
      const { columns, from, key, parse, keyOf } = SOURCES[kind];
      const values = after === undefined ? [] : (JSON.parse(after) as string[]);
      const places = key.map((column, i) => (HASHES.includes(column) ? `decode($${i + 2}, 'hex')` : `$${i + 2}`));
      const where = after === undefined ? '' : `where (${key.join(', ')}) > (${places.join(', ')})`;
      const text = `select ${columns} from ${from} ${where} order by ${key.join(', ')} limit $1`;
      const name = `copy-${kind}${after === undefined ? '' : '-after'}`;
      const found = (await parts.connection.run({ name, text }, [limit, ...values], true)).map(parse);
      const last = found.length < limit ? undefined : found.at(-1);
      return { rows: found, next: last && JSON.stringify(keyOf(last)) };
    },
    copyIn: createAdoption(parts),
  };
}
