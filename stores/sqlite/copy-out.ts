import type { DatabaseSync } from 'node:sqlite';
import type { StandingKind } from '#core/standing';
import type { CopiedKind, CopiedPage, CopiedRow } from '#core/token-store';
import { CODE_COLUMNS, GRANT_COLUMNS, parseCode, parseGrant, parseRefresh, REFRESH_COLUMNS } from './grant-lookup.ts';
import { parseStanding, prepareQuery, type Row, STANDING_COLUMNS } from './rows.ts';
import { CONSENT_COLUMNS, parseConsent, parseToken, TOKEN_COLUMNS } from './token-rows.ts';

/** A page of rows of one kind, in the order of their keys. */
export type CopyOut = (kind: CopiedKind, after: string | undefined, limit: number) => CopiedPage;

/** Where a kind is: its columns, the key by which it is paged (the last columns, as text), and how a row is read. */
interface Source {
  readonly from: string;
  readonly columns: string;
  /** Expressions that order the rows and are unique together. */
  readonly key: readonly string[];
  /** True: the key is a whole number. */
  readonly isNumber?: boolean;
  row(row: Row, key: readonly string[]): CopiedRow | undefined;
}

const SOURCES: Readonly<Record<CopiedKind, Source>> = {
  standing: {
    ...{ from: 'standing', columns: `kind, id, ${STANDING_COLUMNS}`, key: ['kind', 'id'] },
    row(row) {
      const standing = parseStanding(row[0] as StandingKind, String(row[1]), row, 2);
      return standing && { kind: 'standing', standing };
    },
  },
  grant: {
    ...{ from: 'grant', columns: GRANT_COLUMNS, key: ['id'] },
    row(row, [id = '']) {
      const { grant, revocation: revoked } = parseGrant(id, row);
      return { kind: 'grant', grant, revoked };
    },
  },
  access: {
    ...{ from: 'token t JOIN holder h ON h.id = t.holder', key: ['t.id'], isNumber: true },
    columns: `${TOKEN_COLUMNS}, lower(hex(t.hash))`,
    row(row) {
      const { token, revocation: revoked } = parseToken(String(row[20]), row);
      return { kind: 'access', token, revoked };
    },
  },
  code: {
    ...{ from: 'code', columns: CODE_COLUMNS, key: ['hex(hash)'] },
    row(row, [hash = '']) {
      const { code, consumedBy: consumed } = parseCode(hash.toLowerCase(), row);
      return { kind: 'code', code, consumed };
    },
  },
  refresh: {
    ...{ from: 'refresh', columns: REFRESH_COLUMNS, key: ['hex(hash)'] },
    row: (row, [hash = '']) => ({ kind: 'refresh', ...parseRefresh(hash.toLowerCase(), row) }),
  },
  once: {
    ...{ from: 'once', columns: 'expires_at', key: ['hex(key)'] },
    row: (row, [key = '']) => ({ kind: 'once', key: key.toLowerCase(), until: Number(row[0]) }),
  },
  transient: {
    ...{ from: 'transient', columns: 'value, expires_at, lower(hex(key))', key: ['version'], isNumber: true },
    row: (row, [version]) => ({
      ...{ kind: 'transient', key: String(row[2]), value: String(row[0]) },
      ...{ version: Number(version), expiresAt: Number(row[1]) },
    }),
  },
  consent: {
    ...{ from: 'consent', columns: CONSENT_COLUMNS, key: ['subject', 'client_id', 'project_id'] },
    row: (row) => ({ kind: 'consent', consent: parseConsent(row) }),
  },
};

/** Prepares a query a kind, when it is asked for first. By key, so that the last page costs what the first does. */
export function prepareCopyOut(database: DatabaseSync): CopyOut {
  const queries = new Map<CopiedKind, ReturnType<typeof prepareQuery>>();
  return (kind, after, limit) => {
    const source = SOURCES[kind];
    const query = queries.get(kind) ?? prepareQuery(database, textOf(source));
    queries.set(kind, query);
    const rows = query.all(...startOf(source, after), limit + 1);
    const page = rows.slice(0, limit).map((row) => ({ row, key: row.slice(-source.key.length).map(String) }));
    return {
      rows: page.flatMap(({ row, key }) => source.row(row, key) ?? []),
      next: rows.length > limit ? JSON.stringify(page.at(-1)?.key) : undefined,
    };
  };
}

/** A BLOB key is compared as a BLOB, so that its index serves; `unhex` of the text that was the place. */
function textOf({ from, columns, key }: Source): string {
  const order = key.map((one) => /^hex\((.*)\)$/.exec(one)?.[1] ?? one);
  const places = key.map((one) => (one.startsWith('hex(') ? 'unhex(?)' : '?'));
  const after = key.length === 1 ? `${order[0]} > ${places[0]}` : `(${order.join(', ')}) > (${places.join(', ')})`;
  return `SELECT ${columns}, ${key.join(', ')} FROM ${from} WHERE ${after} ORDER BY ${order.join(', ')} LIMIT ?`;
}

function startOf({ key, isNumber }: Source, after: string | undefined): (string | number)[] {
  if (after === undefined) return key.map(() => (isNumber === true ? -1 : ''));
  const place = JSON.parse(after) as string[];
  return isNumber === true ? place.map(Number) : place;
}
