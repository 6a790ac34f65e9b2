import type { Issue } from '#core/token-store';
import { type Batch, createBatch, givenTokens, savedTokens, TOKEN_PARAMETERS, tokenValues } from './batch.ts';
import type { PostgresConnection } from './connection.ts';
import { COUNT, shardOf } from './counts.ts';
import type { Holders } from './holders.ts';
import { createLanes, type Lanes } from './lanes.ts';

/** Writes that may wait for their commit; further ones are refused at once (decision 22). */
const MAX_WAITING = 50_000;
const GROUP_SIZE = 2000;
const SHARD = `$${TOKEN_PARAMETERS + 1}`;
const JSON_FIRST = TOKEN_PARAMETERS + 2;

/** The columns of {@link grantRow}. */
export const GRANT_FIELDS = `id, client_id, subscription_id, product_id, server_group_id, project_id, subject, scopes, created_at,
  ends_at, client_generation, subscription_generation, secret_generation, subject_generation, parameters, details`;
/** Their types. */
export const GRANT_RECORD = `(id text, client_id text, subscription_id text, product_id text, server_group_id text, project_id text,
  subject text, scopes text, created_at int8, ends_at int8, client_generation int, subscription_generation int,
  secret_generation int, subject_generation int, parameters text, details text)`;

/** `prolonged`: puts the ends of grants later that are there, in the order of their ids, so that two such statements never wait for each other. */
export const PROLONG = (from: string) => `locked as (
    select g.id, p.ends_at from access_grant g join ${from} on p.id = g.id
    where g.ends_at < p.ends_at order by g.id for update of g
  ), prolonged as (
    update access_grant g set ends_at = greatest(g.ends_at, locked.ends_at) from locked where g.id = locked.id
  )`;

const SAVE_TOKENS = {
  name: 'save-tokens',
  text: `with ${givenTokens(1)}, ${savedTokens('true', SHARD)}
    ${COUNT(SHARD, { access: 'select count(*) from saved' })}`,
};

const SAVE_ISSUES = {
  name: 'save-issues',
  text: `with ${givenTokens(1)}, ${savedTokens('true', SHARD)},
    grants as (
      insert into access_grant (${GRANT_FIELDS})
      select ${GRANT_FIELDS} from json_to_recordset($${JSON_FIRST}::json) as given ${GRANT_RECORD} order by id collate "C"
      on conflict (id) do update set details = excluded.details, ends_at = greatest(access_grant.ends_at, excluded.ends_at)
      returning xmax = 0 as is_new
    ), codes as (
      insert into code (hash, grant_id, redirect_uri, code_challenge, issued_at, expires_at)
      select decode(hash, 'hex'), grant_id, redirect_uri, code_challenge, issued_at, expires_at
      from json_to_recordset($${JSON_FIRST + 1}::json)
        as given (hash text, grant_id text, redirect_uri text, code_challenge text, issued_at int8, expires_at int8)
      order by hash collate "C" on conflict (hash) do nothing returning 1
    ), refreshes as (
      insert into refresh (hash, grant_id, issued_at, expires_at)
      select decode(hash, 'hex'), grant_id, issued_at, expires_at
      from json_to_recordset($${JSON_FIRST + 2}::json) as given (hash text, grant_id text, issued_at int8, expires_at int8)
      order by hash collate "C" on conflict (hash) do nothing returning 1
    ),
    ${PROLONG(`json_to_recordset($${JSON_FIRST + 3}::json) as p (id text, ends_at int8)`)}
    ${COUNT(SHARD, {
      access: 'select count(*) from saved',
      codes: 'select count(*) from codes',
      grants: 'select count(*) from grants where is_new',
      refresh: 'select count(*) from refreshes',
    })}`,
};

/** The statement that saves a batch, and its values. @param numbers of the holder of each token */
export function savingOf(batch: Batch, numbers: readonly number[], writer: number) {
  const { tokens, grants, codes, refreshes, prolonged } = batch;
  const values = [...tokenValues(tokens, numbers), shardOf(writer)];
  const rest = [grants, codes, refreshes, prolonged];
  if (rest.every((rows) => rows.length === 0)) return { statement: SAVE_TOKENS, values };
  return { statement: SAVE_ISSUES, values: [...values, ...rest.map((rows) => JSON.stringify(rows))] };
}

/** Saves what is issued: whatever is asked for while a statement is under way goes with the next one, in one commit. */
export function createSaving(
  connection: PostgresConnection,
  { lanes, holders, shard }: { readonly lanes: number; readonly holders: Holders; readonly shard: number },
): Lanes<Issue, undefined> {
  return createLanes<Issue, undefined>({
    lanes,
    groupSize: GROUP_SIZE,
    maxWaiting: MAX_WAITING,
    async carryOut(issues, lane) {
      const batch = createBatch(issues);
      try {
        const numbers = await holders.numbersOf(batch.tokens);
        const { statement, values } = savingOf(batch, numbers, shard + lane);
        await connection.run(statement, values, true);
      } catch (error) {
        holders.forget();
        throw error;
      }
      return Array(issues.length).fill(undefined);
    },
  });
}
