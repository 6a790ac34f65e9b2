import type { types } from 'cassandra-driver';
import { COPIED_KINDS, type CopiedKind, type CopiedRow, type TokenStore } from '#core/token-store';
import type { CassandraAccess } from './access.ts';
import type { CassandraFamilies } from './family.ts';
import type { CassandraGrants } from './grants.ts';
import { type CassandraParts, forEachSome } from './parts.ts';
import type { CassandraRecords } from './records.ts';
import * as rows from './rows.ts';
import type { CassandraStandings } from './standings.ts';

/** The parts that copied rows go to. */
export interface CopyTargets {
  readonly standings: CassandraStandings;
  readonly families: CassandraFamilies;
  readonly access: CassandraAccess;
  readonly grants: CassandraGrants;
  readonly records: Pick<CassandraRecords, 'takeKey' | 'putRecord' | 'putConsent'>;
}

type Source = { readonly query: string; readonly parse: (row: types.Row) => CopiedRow | undefined };

/** Where the rows of a kind are, and how one is read. Rows of which a part has gone already are none. */
const SOURCES: Readonly<Record<CopiedKind, Source>> = {
  standing: {
    query: 'SELECT data FROM standings',
    parse: (row) => withText(row, 'data', (data) => ({ kind: 'standing', standing: rows.parseStanding(data) })),
  },
  grant: {
    query: 'SELECT DISTINCT grant_id, data, details, revoked FROM grants',
    parse: (row) =>
      withText(row, 'data', (data) => {
        const details = rows.textOf(row, 'details') ?? 'null';
        return { kind: 'grant', grant: rows.parseGrant(data, details), revoked: noteOf(row) };
      }),
  },
  access: {
    query: 'SELECT data, revoked FROM access',
    parse: (row) =>
      withText(row, 'data', (data) => ({ kind: 'access', token: rows.parseAccess(data), revoked: noteOf(row) })),
  },
  code: {
    query: 'SELECT kind, issued, used FROM grants',
    parse: (row) =>
      rows.textOf(row, 'kind') !== 'c'
        ? undefined
        : withText(row, 'issued', (issued) => ({
            ...{ kind: 'code', code: rows.parseCode(issued), consumed: rows.textOf(row, 'used') },
          })),
  },
  refresh: {
    query: 'SELECT kind, issued, used FROM grants',
    parse: (row) =>
      rows.textOf(row, 'kind') !== 'r'
        ? undefined
        : withText(row, 'issued', (issued) => {
            const used = rows.textOf(row, 'used');
            const use = used === undefined ? undefined : rows.parseUse(used);
            return { kind: 'refresh', token: rows.parseRefresh(issued), used: use && { by: use.by, at: use.at } };
          }),
  },
  once: {
    query: 'SELECT key, until FROM once',
    parse: (row) => ({ kind: 'once', key: rows.hexOf(row, 'key'), until: rows.numberOf(row, 'until') ?? 0 }),
  },
  transient: {
    query: 'SELECT key, value, version, expires_at, is_taken FROM transients',
    parse(row) {
      const [version, expiresAt] = [rows.numberOf(row, 'version'), rows.numberOf(row, 'expires_at')];
      if (row.is_taken !== false || version === undefined || expiresAt === undefined) return undefined;
      const value = rows.textOf(row, 'value') ?? '';
      return { kind: 'transient', key: rows.hexOf(row, 'key'), value, version, expiresAt };
    },
  },
  consent: {
    query: 'SELECT data FROM consents',
    parse: (row) => withText(row, 'data', (data) => ({ kind: 'consent', consent: rows.parseConsent(data) })),
  },
};

/** Copying rows out and in. */
export function createCopies(
  { connection }: CassandraParts,
  { standings, families, access, grants, records }: CopyTargets,
): Pick<Required<TokenStore>, 'copyOut' | 'copyIn'> {
  async function adopt(row: Exclude<CopiedRow, { kind: 'standing' }>): Promise<void> {
    switch (row.kind) {
      case 'grant': {
        const { grant, revoked } = row;
        if ((await families.findGrant(grant.id)) === undefined) {
          await grants.own(grant, grant.createdAt);
          await families.save(grant.id, { grant, issued: [], endsAt: grant.createdAt, death: revoked });
        } else if (revoked !== undefined) await families.kill(grant.id, revoked);
        return;
      }
      case 'access': {
        const { token, revoked } = row;
        const isThere = (await access.load(token.hash)) !== undefined;
        // The note first: a dead token is never there without it.
        if (!isThere && revoked !== undefined) await access.note(token, revoked);
        if (!isThere) await grants.saveAccess(token);
        if (revoked !== undefined) await access.revoke(token.hash, revoked);
        return;
      }
      case 'code':
        return adoptIssued({ kind: 'c', issued: row.code, used: row.consumed });
      case 'refresh': {
        const used = row.used && JSON.stringify({ at: row.used.at, by: row.used.by });
        return adoptIssued({ kind: 'r', issued: row.token, used });
      }
      case 'once':
        return void (await records.takeKey(rows.bytesOf(row.key), row.until));
      case 'transient':
        return records.putRecord(rows.bytesOf(row.key), row);
      case 'consent':
        return records.putConsent(row.consent, true);
    }
  }

  async function adoptIssued(one: Parameters<CassandraFamilies['adopt']>[0]): Promise<void> {
    const { grantId, expiresAt } = one.issued;
    const held = await families.findGrant(grantId);
    if (held === undefined) return;
    await Promise.all([families.index([one.issued]), grants.own(held.grant, Math.max(expiresAt, held.endsAt))]);
    await families.adopt(one);
  }

  return {
    async copyOut(kind, after, limit) {
      const { query, parse } = SOURCES[kind];
      const page = await connection.readPage(query, after, limit);
      return { rows: page.rows.flatMap((row) => parse(row) ?? []), next: page.next };
    },
    async copyIn(copied) {
      for (const kind of COPIED_KINDS) {
        const ofKind = copied.filter((row) => row.kind === kind);
        if (kind === 'standing')
          await standings.write(ofKind.flatMap((row) => (row.kind === 'standing' ? [row.standing] : [])));
        else await forEachSome(ofKind, (row) => (row.kind === 'standing' ? Promise.resolve() : adopt(row)));
      }
    },
  };
}

function withText(row: types.Row, column: string, parse: (text: string) => CopiedRow): CopiedRow | undefined {
  const text = rows.textOf(row, column);
  return text === undefined ? undefined : parse(text);
}

function noteOf(row: types.Row) {
  const revoked = rows.textOf(row, 'revoked');
  return revoked === undefined ? undefined : rows.parseNote(revoked).note;
}
