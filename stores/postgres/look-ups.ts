import type { FoundRefresh, FoundToken, Grant } from '#core/token-store';
import { judgeGrant, judgeRefresh, type StoredCode, type StoredGrant, type StoredRefresh } from '../grant-state.ts';
import { judgeToken, missingGrant } from '../token-state.ts';
import { plainArray } from './batch.ts';
import type { PostgresConnection, Row, Statement } from './connection.ts';
import { createLanes } from './lanes.ts';
import * as rows from './rows.ts';

const MAX_WAITING = 50_000;
const GROUP_SIZE = 500;

const FIND_TOKENS = {
  name: 'find-tokens',
  text: `select ${rows.TOKEN_COLUMNS}, ${rows.STANDINGS_COLUMNS}, g.id, g.revoked_at, g.revoked_by, g.revoked_reason
    from unnest($1::text[]) as asked (hash) join token t on t.hash = decode(asked.hash, 'hex')
    join holder h on h.id = t.holder
    ${rows.joinStandings({ client: 'h.client_id', subscription: 'h.subscription_id', secret: 'h.secret_id', subject: 't.subject' })}
    left join access_grant g on g.id = t.grant_id`,
};
const GRANT_AT = rows.TOKEN_WIDTH + 20;

const OF_GRANT = {
  client: 'g.client_id',
  subscription: 'g.subscription_id',
  secret: 'null::text',
  subject: 'g.subject',
};
const CODE_WIDTH = 7;
const FIND_CODE = {
  name: 'find-code',
  text: `select c.hash, c.grant_id, c.redirect_uri, c.code_challenge, c.issued_at, c.expires_at, c.consumed_by,
    ${rows.GRANT_COLUMNS}, ${rows.STANDINGS_COLUMNS}
    from unnest($1::text[]) as asked (hash) join code c on c.hash = decode(asked.hash, 'hex')
    join access_grant g on g.id = c.grant_id ${rows.joinStandings(OF_GRANT)}`,
};
const REFRESH_WIDTH = 8;
const NUMBER_AT = 7;
const FIND_REFRESH = {
  name: 'find-refresh',
  text: `select r.hash, r.grant_id, r.issued_at, r.expires_at, r.used_at, r.used_by,
    exists (select 1 from token t where t.hash = decode(asked.access, 'hex') and t.grant_id = r.grant_id), asked.number,
    ${rows.GRANT_COLUMNS}, ${rows.STANDINGS_COLUMNS}
    from unnest($1::text[], $2::text[]) with ordinality as asked (hash, access, number)
    join refresh r on r.hash = decode(asked.hash, 'hex')
    join access_grant g on g.id = r.grant_id ${rows.joinStandings(OF_GRANT)}`,
};
const FIND_GRANT = { name: 'find-grant', text: `select ${rows.GRANT_COLUMNS} from access_grant g where g.id = $1` };

type WithGrant<Stored> = Stored & StoredGrant & { readonly standing: ReturnType<typeof judgeGrant> };

/** Look-ups of tokens, grants and what they handed out. Hashes are hex. */
export interface LookUps {
  /** Those of one turn of the event loop, and what is asked for while they are under way, go as one statement. */
  findAccess(hash: string, now: number): Promise<FoundToken>;
  findCode(hash: string): Promise<WithGrant<StoredCode> | undefined>;
  /** @param accessHash of an access token, to know whether it was saved as one of the grant */
  loadRefresh(
    hash: string,
    accessHash: string,
  ): Promise<(WithGrant<StoredRefresh> & { readonly isAccessSaved: boolean }) | undefined>;
  findRefresh(hash: string, now: number): Promise<FoundRefresh>;
  findGrant(id: string): Promise<Grant | undefined>;
}

/** Makes the look-ups. */
export function createLookUps(connection: PostgresConnection): LookUps {
  const options = { lanes: 2, groupSize: GROUP_SIZE, maxWaiting: MAX_WAITING };
  const byHash = (statement: Statement) =>
    createLanes<string, Row | undefined>({
      ...options,
      async carryOut(hashes) {
        const found = await connection.run(statement, [plainArray([...new Set(hashes)])], true);
        const rowsOf = new Map(found.map((row) => [rows.parseHash(row[0]), row]));
        return hashes.map((hash) => rowsOf.get(hash));
      },
    });
  const [tokens, codes] = [byHash(FIND_TOKENS), byHash(FIND_CODE)];
  const refreshes = createLanes<{ readonly hash: string; readonly accessHash: string }, Row | undefined>({
    ...options,
    async carryOut(asked) {
      const values = [plainArray(asked.map(({ hash }) => hash)), asked.map(({ accessHash }) => accessHash)];
      const found = await connection.run(FIND_REFRESH, values, true);
      const byNumber = new Map(found.map((row) => [Number(row[NUMBER_AT]), row]));
      return asked.map((_, i) => byNumber.get(i + 1));
    },
  });

  const withGrant = (row: Row, offset: number) => {
    const held = rows.parseGrant(row, offset);
    return { ...held, standing: judgeGrant(held, rows.parseStandings(row, offset + rows.GRANT_WIDTH)) };
  };

  async function loadRefresh(hash: string, accessHash: string) {
    const row = await refreshes.add({ hash, accessHash });
    if (row === undefined) return undefined;
    return { ...rows.parseRefresh(row), ...withGrant(row, REFRESH_WIDTH), isAccessSaved: row[6] === true };
  }

  return {
    async findAccess(hash, now) {
      const row = await tokens.add(hash);
      if (row === undefined) return { state: 'unknown' };
      const stored = rows.parseToken(row);
      const isOrphan = stored.token.grantId !== undefined && row[GRANT_AT] === null;
      const grantRevocation = isOrphan ? missingGrant(now) : rows.parseRevocation(row, GRANT_AT + 1);
      return judgeToken(stored, grantRevocation, rows.parseStandings(row, rows.TOKEN_WIDTH), now);
    },
    async findCode(hash) {
      const row = await codes.add(hash);
      if (row === undefined) return undefined;
      return { code: rows.parseCode(row), consumedBy: rows.parseText(row[6]), ...withGrant(row, CODE_WIDTH) };
    },
    loadRefresh,
    async findRefresh(hash, now) {
      const found = await loadRefresh(hash, '');
      return found === undefined ? { state: 'unknown' } : judgeRefresh(found, now);
    },
    async findGrant(id) {
      const [row] = await connection.run(FIND_GRANT, [id], true);
      return row === undefined ? undefined : rows.parseGrant(row).grant;
    },
  };
}
