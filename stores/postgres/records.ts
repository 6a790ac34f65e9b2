import type { TokenStore } from '#core/token-store';
import { checkTransient, recordKey } from '../record-key.ts';
import type { PostgresConnection } from './connection.ts';
import { COUNT, shardOf } from './counts.ts';
import { parseConsent } from './rows.ts';

const ONCE = {
  name: 'once',
  text: `with kept as (
      insert into once (key, expires_at) values ($1, $2) on conflict (key) do nothing returning 1
    ), counted as (${COUNT('$3', { once: 'select count(*) from kept' })}) select 1 from kept`,
};
const SAVE_TRANSIENT = {
  name: 'save-transient',
  text: `with kept as (
      insert into transient (key, value, expires_at, version) values ($1, $2, $3, nextval('transient_version'))
      on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at, version = excluded.version
      returning xmax = 0 as is_new
    ) ${COUNT('$4', { transients: 'select count(*) from kept where is_new' })}`,
};
const REPLACE_TRANSIENT = {
  name: 'replace-transient',
  text: `update transient set value = $2, expires_at = $3, version = nextval('transient_version')
    where key = $1 and version = $4 returning 1`,
};
const TAKE_TRANSIENT = {
  name: 'take-transient',
  text: `with taken as (delete from transient where key = $1 and expires_at > $2 returning value),
    counted as (${COUNT('$3', { transients: 'select -count(*) from taken' })}) select value from taken`,
};
const FIND_TRANSIENT = {
  name: 'find-transient',
  text: 'select value, version, expires_at from transient where key = $1 and expires_at > $2',
};
const CONSENT_COLUMNS = 'subject, client_id, project_id, scopes, granted_at, updated_at';
const SAVE_CONSENT = {
  name: 'save-consent',
  text: `with kept as (
      insert into consent (${CONSENT_COLUMNS}) values ($1, $2, $3, $4, $5, $6)
      on conflict (subject, client_id, project_id) do update set scopes = excluded.scopes,
        granted_at = excluded.granted_at, updated_at = excluded.updated_at
      returning xmax = 0 as is_new
    ) ${COUNT('$7', { consents: 'select count(*) from kept where is_new' })}`,
};
const FIND_CONSENT = {
  name: 'find-consent',
  text: `select ${CONSENT_COLUMNS} from consent where subject = $1 and client_id = $2 and project_id = $3`,
};
const LIST_CONSENTS = {
  name: 'list-consents',
  text: `select ${CONSENT_COLUMNS} from consent where subject = $1 order by updated_at desc, client_id, project_id limit $2`,
};

/** Transient records, what is taken once, and consents. */
export type PostgresRecords = Pick<
  TokenStore,
  | 'rememberOnce'
  | 'saveTransient'
  | 'findTransient'
  | 'replaceTransient'
  | 'takeTransient'
  | 'saveConsent'
  | 'findConsent'
  | 'listConsents'
>;

/**
 * Makes them. What is remembered once, taken or replaced is never tried again when its outcome is unknown: then it would seem to have been done by
 * somebody else. The caller hears that the store is unavailable.
 */
export function createRecords(connection: PostgresConnection, writer: number): PostgresRecords {
  const shard = shardOf(writer);
  return {
    async rememberOnce(kind, id, until) {
      const kept = await connection.run(ONCE, [recordKey(kind, id), Math.ceil(until), shard]);
      return kept.length > 0;
    },
    async saveTransient(transient) {
      checkTransient(transient);
      const { kind, id, value, expiresAt } = transient;
      await connection.run(SAVE_TRANSIENT, [recordKey(kind, id), value, expiresAt, shard]);
    },
    async findTransient(kind, id, now) {
      const [row] = await connection.run(FIND_TRANSIENT, [recordKey(kind, id), now], true);
      if (row === undefined) return undefined;
      return { value: String(row[0]), version: Number(row[1]), expiresAt: Number(row[2]) };
    },
    async replaceTransient(transient) {
      checkTransient(transient);
      const { kind, id, value, expiresAt, version } = transient;
      const replaced = await connection.run(REPLACE_TRANSIENT, [recordKey(kind, id), value, expiresAt, version]);
      return replaced.length > 0;
    },
    async takeTransient(kind, id, now) {
      const [row] = await connection.run(TAKE_TRANSIENT, [recordKey(kind, id), now, shard]);
      return row === undefined ? undefined : String(row[0]);
    },
    async saveConsent({ subject, clientId, projectId, scopes, grantedAt, updatedAt }) {
      const values = [subject, clientId, projectId, scopes.join(' '), grantedAt, updatedAt, shard];
      await connection.run(SAVE_CONSENT, values, true);
    },
    async findConsent({ subject, clientId, projectId }) {
      const [row] = await connection.run(FIND_CONSENT, [subject, clientId, projectId], true);
      return row === undefined ? undefined : parseConsent(row);
    },
    async listConsents(subject, limit) {
      return (await connection.run(LIST_CONSENTS, [subject, limit], true)).map(parseConsent);
    },
  };
}
