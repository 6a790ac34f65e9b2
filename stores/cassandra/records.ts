import type { Consent, TokenStore, Transient } from '#core/token-store';
import { checkTransient, recordKey } from '../record-key.ts';
import type { CassandraGrants } from './grants.ts';
import type { CassandraParts } from './parts.ts';
import { consentText, numberOf, parseConsent, textOf } from './rows.ts';

/** Versions begin with the time, in steps of so many a millisecond: a record that is made again, after the old one has gone, has a higher one. */
const VERSIONS_A_MS = 1000;

/** A transient record as it is kept; a taken one stays until it would have expired, so that its versions go on. */
interface HeldRecord {
  readonly value: string;
  readonly version: number;
  readonly expiresAt: number;
  readonly isTaken: boolean;
  readonly attempt: string | undefined;
}

/** Transient records, what is taken once, and consents. */
export interface CassandraRecords
  extends Pick<
    TokenStore,
    | 'rememberOnce'
    | 'saveTransient'
    | 'findTransient'
    | 'replaceTransient'
    | 'takeTransient'
    | 'saveConsent'
    | 'findConsent'
    | 'listConsents'
    | 'revokeConsent'
  > {
  /** Takes a key once; true when it was free. */
  takeKey(key: Buffer, until: number): Promise<boolean>;
  /** Writes a record unless one of that version or a higher one is there, or one that was taken; without a version always, as the next. */
  putRecord(
    key: Buffer,
    record: { readonly value: string; readonly expiresAt: number; readonly version?: number },
  ): Promise<void>;
  /** Writes a consent; with `isOnlyNewer` unless one that was updated later is there. */
  putConsent(consent: Consent, isOnlyNewer: boolean): Promise<void>;
}

/** Opens the part of the store. */
export function createRecords(
  { connection, clock, lifetimes, newAttempt }: CassandraParts,
  grants: CassandraGrants,
): CassandraRecords {
  const { read, change } = connection;
  const nameOf = (key: Buffer) => key.toString('hex');

  async function load(key: Buffer, isSerial = false): Promise<HeldRecord | undefined> {
    const query = 'SELECT value, version, expires_at, is_taken, attempt FROM transients WHERE key = ?';
    const [row] = await read(query, [key], isSerial);
    const [version, expiresAt] = row === undefined ? [] : [numberOf(row, 'version'), numberOf(row, 'expires_at')];
    if (row === undefined || version === undefined || expiresAt === undefined) return undefined;
    const value = textOf(row, 'value') ?? '';
    return { value, version, expiresAt, isTaken: row.is_taken === true, attempt: textOf(row, 'attempt') };
  }
  const insert = (key: Buffer, { value, version, expiresAt, attempt }: Omit<HeldRecord, 'isTaken'>) => ({
    query:
      'INSERT INTO transients (key, value, version, expires_at, is_taken, attempt) VALUES (?, ?, ?, ?, ?, ?) IF NOT EXISTS USING TTL ?',
    params: [key, value, version, expiresAt, false, attempt, lifetimes.ttl(expiresAt)],
  });
  const update = (key: Buffer, old: HeldRecord, { value, version, expiresAt, isTaken, attempt }: HeldRecord) => ({
    query:
      'UPDATE transients USING TTL ? SET value = ?, version = ?, expires_at = ?, is_taken = ?, attempt = ? WHERE key = ? IF version = ? AND is_taken = ?',
    params: [
      ...[lifetimes.ttl(Math.max(expiresAt, old.expiresAt)), value, version, expiresAt, isTaken, attempt, key],
      ...[old.version, old.isTaken],
    ],
  });

  const putRecord: CassandraRecords['putRecord'] = (key, { value, expiresAt, version }) => {
    const attempt = newAttempt();
    return change(`transient ${nameOf(key)}`, async (isSerial) => {
      const old = await load(key, isSerial);
      if (old?.attempt === attempt) return { answer: undefined };
      if (old !== undefined && version !== undefined && (old.isTaken || version <= old.version))
        return { answer: undefined };
      if (old === undefined) {
        const first = version ?? clock.now() * VERSIONS_A_MS;
        return { answer: undefined, statements: [insert(key, { value, expiresAt, attempt, version: first })] };
      }
      const next = { value, expiresAt, attempt, isTaken: false, version: version ?? old.version + 1 };
      return { answer: undefined, statements: [update(key, old, next)] };
    });
  };

  const takeKey: CassandraRecords['takeKey'] = (key, until) => {
    const attempt = newAttempt();
    return change(`once ${nameOf(key)}`, async (isSerial) => {
      const [row] = isSerial ? await read('SELECT until, attempt FROM once WHERE key = ?', [key], true) : [];
      if (row !== undefined) return { answer: textOf(row, 'attempt') === attempt };
      const query = 'INSERT INTO once (key, until, attempt) VALUES (?, ?, ?) IF NOT EXISTS USING TTL ?';
      return { answer: true, statements: [{ query, params: [key, until, attempt, lifetimes.ttl(until)] }] };
    });
  };

  async function findConsent(
    { subject, clientId, projectId }: Pick<Consent, 'subject' | 'clientId' | 'projectId'>,
    isSerial = false,
  ) {
    const query = 'SELECT data FROM consents WHERE subject = ? AND client = ? AND project = ?';
    const [row] = await read(query, [subject, clientId, projectId], isSerial);
    const text = row && textOf(row, 'data');
    return text === undefined ? undefined : parseConsent(text);
  }
  const consentKey = (subject: string) => `consents ${subject}`;
  const putConsent: CassandraRecords['putConsent'] = (consent, isOnlyNewer) =>
    change(consentKey(consent.subject), async (isSerial) => {
      const { subject, clientId, projectId, updatedAt } = consent;
      const [data, where] = [consentText(consent), [subject, clientId, projectId]];
      const old = await findConsent(consent, isSerial);
      if (old === undefined) {
        const query = 'INSERT INTO consents (subject, client, project, data) VALUES (?, ?, ?, ?) IF NOT EXISTS';
        return { answer: undefined, statements: [{ query, params: [...where, data] }] };
      }
      const present = consentText(old);
      if (present === data || (isOnlyNewer && updatedAt <= old.updatedAt)) return { answer: undefined };
      const query = 'UPDATE consents SET data = ? WHERE subject = ? AND client = ? AND project = ? IF data = ?';
      return { answer: undefined, statements: [{ query, params: [data, ...where, present] }] };
    });

  return {
    ...{ takeKey, putRecord, putConsent },
    rememberOnce: (kind, id, until) => takeKey(recordKey(kind, id), Math.ceil(until)),
    async saveTransient(transient: Transient) {
      checkTransient(transient);
      await putRecord(recordKey(transient.kind, transient.id), transient);
    },
    async findTransient(kind, id, now) {
      const found = await load(recordKey(kind, id));
      if (found === undefined || found.isTaken || now >= found.expiresAt) return undefined;
      return { value: found.value, version: found.version, expiresAt: found.expiresAt };
    },
    async replaceTransient(transient) {
      checkTransient(transient);
      const { value, expiresAt, version } = transient;
      const key = recordKey(transient.kind, transient.id);
      const attempt = newAttempt();
      return change(`transient ${nameOf(key)}`, async (isSerial) => {
        const old = await load(key, isSerial);
        if (old?.attempt === attempt) return { answer: true };
        if (old === undefined || old.isTaken || old.version !== version) return { answer: false };
        const next = { value, expiresAt, attempt, isTaken: false, version: version + 1 };
        return { answer: true, statements: [update(key, old, next)] };
      });
    },
    async takeTransient(kind, id, now) {
      const key = recordKey(kind, id);
      const attempt = newAttempt();
      let seen = '';
      return change<string | undefined>(`transient ${nameOf(key)}`, async (isSerial) => {
        const old = await load(key, isSerial);
        if (old?.isTaken === true && old.attempt === attempt) return { answer: seen };
        if (old === undefined || old.isTaken || now >= old.expiresAt) return { answer: undefined };
        seen = old.value;
        return { answer: seen, statements: [update(key, old, { ...old, value: '', isTaken: true, attempt })] };
      });
    },
    saveConsent: (consent) => putConsent(consent, false),
    findConsent: (whose) => findConsent(whose),
    async listConsents(subject, limit) {
      const rows = await read('SELECT data FROM consents WHERE subject = ?', [subject]);
      const consents = rows.map((row) => parseConsent(textOf(row, 'data') ?? ''));
      const nameOfConsent = ({ clientId, projectId }: Consent) => `${clientId} ${projectId}`;
      const byName = (a: Consent, b: Consent) => (nameOfConsent(a) < nameOfConsent(b) ? -1 : 1);
      return consents.sort((a, b) => b.updatedAt - a.updatedAt || byName(a, b)).slice(0, limit);
    },
    async revokeConsent(whose, note) {
      const { subject, clientId, projectId } = whose;
      let isForgotten = false;
      await change(consentKey(subject), async (isSerial) => {
        if ((await findConsent(whose, isSerial)) === undefined) return { answer: undefined };
        isForgotten = true;
        const query = 'DELETE FROM consents WHERE subject = ? AND client = ? AND project = ? IF EXISTS';
        return { answer: undefined, statements: [{ query, params: [subject, clientId, projectId] }] };
      });
      const killed = await grants.killGrants({ subject, clientId, projectId }, note);
      return killed > 0 || isForgotten;
    },
  };
}
