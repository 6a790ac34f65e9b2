import type { Clock } from '#core/clock';
import type { CopiedKind, CopiedRow, Issue, RevocationNote, TokenStore } from '#core/token-store';
import { checkWholeNumbers } from '../whole-numbers.ts';
import { createBatch, grantRow } from './batch.ts';
import type { PostgresConnection, Run } from './connection.ts';
import { COUNT, shardOf } from './counts.ts';
import { APPEND } from './feed.ts';
import type { Holders } from './holders.ts';
import { GRANT_FIELDS, GRANT_RECORD, savingOf } from './save.ts';

/** Rows of one kind a transaction. */
const ROWS_AT_ONCE = 500;
/** So long a grant stays at least that was copied: what is left of it may be copied later. */
const GRANT_STAYS_MS = 24 * 3_600_000;

const ADD_GRANTS = {
  name: 'adopt-grants',
  text: `with kept as (
      insert into access_grant (${GRANT_FIELDS})
      select ${GRANT_FIELDS} from json_to_recordset($1::json) as given ${GRANT_RECORD} order by id collate "C"
      on conflict (id) do nothing returning 1
    ) ${COUNT('$2', { grants: 'select count(*) from kept' })}`,
};
const NOTE = 'at int8, "by" text, reason text';
const die = (
  table: string,
  key: string,
  type: string,
) => `update ${table} set revoked_at = at, revoked_by = "by", revoked_reason = reason
  from json_to_recordset($1::json) as given (key ${type}, ${NOTE}) where ${key} and revoked_at is null`;
const KILL_GRANTS = {
  name: 'adopt-grant-deaths',
  text: `with killed as (${die('access_grant', 'id = key', 'text')} returning id),
    ${APPEND(`select 'grant' as kind, null::bytea as hash, id from killed`)} select 1`,
};
const REVOKE_TOKENS = {
  name: 'adopt-token-deaths',
  text: `with revoked as (${die('token', `hash = decode(key, 'hex')`, 'text')} returning hash),
    ${APPEND(`select 'token' as kind, hash, null::text as id from revoked`)} select 1`,
};
const USE_CODES = {
  name: 'adopt-code-uses',
  text: `update code set consumed_by = given."by" from json_to_recordset($1::json) as given (key text, "by" text)
    where hash = decode(key, 'hex') and consumed_by is null`,
};
const USE_REFRESHES = {
  name: 'adopt-refresh-uses',
  text: `update refresh set used_at = at, used_by = "by" from json_to_recordset($1::json) as given (key text, at int8, "by" text)
    where hash = decode(key, 'hex') and used_at is null`,
};
const ADD_ONCE = {
  name: 'adopt-once',
  text: `with kept as (
      insert into once (key, expires_at) select decode(key, 'hex'), until
      from json_to_recordset($1::json) as given (key text, until int8) order by key collate "C" on conflict (key) do nothing returning 1
    ) ${COUNT('$2', { once: 'select count(*) from kept' })}`,
};
// One row a statement: of two of one key the newer must win, whichever comes first.
const ADD_TRANSIENT = {
  name: 'adopt-transient',
  text: `with kept as (
      insert into transient (key, value, version, expires_at) values (decode($1, 'hex'), $2, $3, $4)
      on conflict (key) do update set value = excluded.value, version = excluded.version, expires_at = excluded.expires_at
      where excluded.version > transient.version returning xmax = 0 as is_new
    ) ${COUNT('$5', { transients: 'select count(*) from kept where is_new' })}`,
};
/** So that versions given from now on are others. */
const SKIP_VERSIONS = {
  name: 'adopt-versions',
  text: `select setval('transient_version', $1::int8 + 1000) from transient_version where last_value <= $1`,
};
const ADD_CONSENT = {
  name: 'adopt-consent',
  text: `with kept as (
      insert into consent (subject, client_id, project_id, scopes, granted_at, updated_at) values ($1, $2, $3, $4, $5, $6)
      on conflict (subject, client_id, project_id) do update set scopes = excluded.scopes,
        granted_at = excluded.granted_at, updated_at = excluded.updated_at
      where excluded.updated_at > consent.updated_at returning xmax = 0 as is_new
    ) ${COUNT('$7', { consents: 'select count(*) from kept where is_new' })}`,
};

/** What copied rows are written with. */
export interface AdoptionParts {
  readonly connection: PostgresConnection;
  readonly holders: Holders;
  readonly clock: Clock;
  readonly shard: number;
  readonly writeStandings: TokenStore['writeStandings'];
}

type Of<Kind extends CopiedKind> = Extract<CopiedRow, { readonly kind: Kind }>;

/** Makes `copyIn`: the rows of a kind with their deaths and uses are written in transactions of some hundred. */
export function createAdoption({
  connection,
  holders,
  clock,
  shard,
  writeStandings,
}: AdoptionParts): TokenStore['copyIn'] {
  const writer = shardOf(shard);

  async function save(run: Run, issues: readonly Issue[]): Promise<void> {
    const batch = createBatch(issues);
    const { statement, values } = savingOf(batch, await holders.numbersOf(batch.tokens), shard);
    await run(statement, values);
  }
  const runFor = async (run: Run, statement: typeof KILL_GRANTS, given: readonly object[]) =>
    void (given.length > 0 && (await run(statement, [JSON.stringify(given)])));

  async function adoptGrants(run: Run, grants: readonly Of<'grant'>[]): Promise<void> {
    const ends = clock.now() + GRANT_STAYS_MS;
    const given = grants.map(({ grant }) => grantRow(grant, Math.max(grant.createdAt, ends)));
    await run(ADD_GRANTS, [JSON.stringify(given), writer]);
    await runFor(
      run,
      KILL_GRANTS,
      grants.flatMap(({ grant, revoked }) => noted(grant.id, revoked)),
    );
  }
  async function adoptTokens(run: Run, tokens: readonly Of<'access'>[]): Promise<void> {
    await save(
      run,
      tokens.map(({ token }) => ({ access: token })),
    );
    await runFor(
      run,
      REVOKE_TOKENS,
      tokens.flatMap(({ token, revoked }) => noted(token.hash, revoked)),
    );
  }
  async function adoptCodes(run: Run, codes: readonly Of<'code'>[]): Promise<void> {
    await save(
      run,
      codes.map(({ code }) => ({ code })),
    );
    const uses = codes.flatMap(({ code, consumed }) =>
      consumed === undefined ? [] : [{ key: code.hash, by: consumed }],
    );
    await runFor(run, USE_CODES, uses);
  }
  async function adoptRefreshes(run: Run, refreshes: readonly Of<'refresh'>[]): Promise<void> {
    await save(
      run,
      refreshes.map(({ token }) => ({ refresh: token })),
    );
    await runFor(
      run,
      USE_REFRESHES,
      refreshes.flatMap(({ token, used }) => (used ? [{ key: token.hash, ...used }] : [])),
    );
  }
  async function adoptTransients(run: Run, transients: readonly Of<'transient'>[]): Promise<void> {
    for (const { key, value, version, expiresAt } of transients)
      await run(ADD_TRANSIENT, [key, value, version, expiresAt, writer]);
    await run(SKIP_VERSIONS, [Math.max(...transients.map(({ version }) => version))]);
  }
  async function adoptConsents(run: Run, consents: readonly Of<'consent'>[]): Promise<void> {
    for (const { consent } of consents) {
      const { subject, clientId, projectId, scopes, grantedAt, updatedAt } = consent;
      await run(ADD_CONSENT, [subject, clientId, projectId, scopes.join(' '), grantedAt, updatedAt, writer]);
    }
  }

  /** Writes the rows of one kind. */
  async function adopt<Kind extends CopiedKind>(
    copied: readonly CopiedRow[],
    kind: Kind,
    write: (run: Run, some: readonly Of<Kind>[]) => Promise<void>,
  ): Promise<void> {
    const ofKind = copied.filter((row): row is Of<Kind> => row.kind === kind);
    for (let i = 0; i < ofKind.length; i += ROWS_AT_ONCE)
      await connection.transaction((run) => write(run, ofKind.slice(i, i + ROWS_AT_ONCE)), true);
  }

  return async (copied) => {
    checkWholeNumbers(copied);
    const standings = copied.flatMap((row) => (row.kind === 'standing' ? [row.standing] : []));
    if (standings.length > 0) await writeStandings(standings);
    await adopt(copied, 'grant', adoptGrants);
    // Found out before: whoever holds a connection must not wait for another.
    await holders.numbersOf(copied.flatMap((row) => (row.kind === 'access' ? [row.token] : [])));
    await adopt(copied, 'access', adoptTokens);
    await adopt(copied, 'code', adoptCodes);
    await adopt(copied, 'refresh', adoptRefreshes);
    await adopt(copied, 'once', async (run, some) => void (await run(ADD_ONCE, [JSON.stringify(some), writer])));
    await adopt(copied, 'transient', adoptTransients);
    await adopt(copied, 'consent', adoptConsents);
  };
}

function noted(key: string, note: RevocationNote | undefined): object[] {
  return note === undefined ? [] : [{ key, at: note.at, by: note.by, reason: note.reason }];
}
