import { UnavailableError } from '#core/errors';
import type { Consent, CopiedRow, RevocationNote, TokenStore } from '#core/token-store';
import { checkTransient, recordKey } from '../record-key.ts';
import { keyed, type RowsByKind } from './copy.ts';
import { createExpiringRecords } from './expiring-records.ts';
import type { MemoryGrants } from './grants.ts';

/** Transient records, what is taken once, and consents in memory. */
export interface MemoryRecords
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
  purge(before: number, limit: number): number;
  sizes(): { readonly transients: number; readonly once: number; readonly consents: number };
}

/** Copying them out and in. */
export interface MemoryRecordCopies {
  readonly rows: Pick<RowsByKind, 'once' | 'transient' | 'consent'>;
  adopt(row: Extract<CopiedRow, { kind: 'once' | 'transient' | 'consent' }>): void;
}

type ConsentKey = Pick<Consent, 'subject' | 'clientId' | 'projectId'>;

/** Makes the empty collections. */
export function createMemoryRecords(
  maxEntries: number,
  killGrants: MemoryGrants['killGrants'],
): { readonly records: MemoryRecords; readonly copies: MemoryRecordCopies } {
  const transients = createExpiringRecords<{
    readonly value: string;
    readonly version: number;
    readonly expiresAt: number;
  }>(maxEntries, ({ expiresAt }) => expiresAt);
  const once = createExpiringRecords<number>(maxEntries, (until) => until);
  const consents = new Map<string, Consent>();
  let lastVersion = 0;

  const keyOf = (...[kind, id]: Parameters<typeof recordKey>) => recordKey(kind, id).toString('hex');
  const consentKey = ({ subject, clientId, projectId }: ConsentKey) => `${subject} ${clientId} ${projectId}`;

  const copies: MemoryRecordCopies = {
    rows: {
      once: () => keyed(once.entries(), (until, key) => ({ kind: 'once', key, until })),
      transient: () => keyed(transients.entries(), (held, key) => ({ kind: 'transient', key, ...held })),
      consent: () => keyed(consents.entries(), (consent) => ({ kind: 'consent', consent })),
    },
    adopt(row) {
      if (row.kind === 'once') {
        if (once.get(row.key) === undefined) once.set(row.key, row.until);
      } else if (row.kind === 'transient') {
        const { key, value, version, expiresAt } = row;
        if ((transients.get(key)?.version ?? 0) >= version) return;
        lastVersion = Math.max(lastVersion, version);
        transients.set(key, { value, version, expiresAt });
      } else {
        const held = consents.get(consentKey(row.consent));
        if (held === undefined || held.updatedAt < row.consent.updatedAt)
          consents.set(consentKey(row.consent), row.consent);
      }
    },
  };
  const records: MemoryRecords = {
    async rememberOnce(kind, id, until) {
      const key = keyOf(kind, id);
      if (once.get(key) !== undefined) return false;
      once.set(key, until);
      return true;
    },

    async saveTransient(transient) {
      checkTransient(transient);
      lastVersion += 1;
      const { kind, id, value, expiresAt } = transient;
      transients.set(keyOf(kind, id), { value, version: lastVersion, expiresAt });
    },

    async findTransient(kind, id, now) {
      const found = transients.get(keyOf(kind, id));
      return found === undefined || now >= found.expiresAt ? undefined : found;
    },

    async replaceTransient(transient) {
      checkTransient(transient);
      const { kind, id, value, expiresAt, version } = transient;
      const key = keyOf(kind, id);
      if (transients.get(key)?.version !== version) return false;
      lastVersion += 1;
      transients.set(key, { value, version: lastVersion, expiresAt });
      return true;
    },

    async takeTransient(kind, id, now) {
      const key = keyOf(kind, id);
      const found = transients.get(key);
      if (found === undefined || now >= found.expiresAt) return undefined;
      transients.delete(key);
      return found.value;
    },

    async saveConsent(consent) {
      const { subject, clientId, projectId, scopes, grantedAt, updatedAt } = consent;
      if (consents.size >= maxEntries && !consents.has(consentKey(consent)))
        throw new UnavailableError('the memory store is full');
      consents.set(consentKey(consent), { subject, clientId, projectId, scopes: [...scopes], grantedAt, updatedAt });
    },

    findConsent: async (whose) => consents.get(consentKey(whose)),

    async listConsents(subject, limit) {
      const own = [...consents.values()].filter((consent) => consent.subject === subject);
      const byName = (a: Consent, b: Consent) => (consentKey(a) < consentKey(b) ? -1 : 1);
      return own.sort((a, b) => b.updatedAt - a.updatedAt || byName(a, b)).slice(0, limit);
    },

    async revokeConsent(whose, note: RevocationNote) {
      const { subject, clientId, projectId } = whose;
      const isForgotten = consents.delete(consentKey(whose));
      return killGrants({ subject, clientId, projectId }, note) > 0 || isForgotten;
    },

    purge(before, limit) {
      const purged = once.purge(before, limit);
      return purged + transients.purge(before, limit - purged);
    },
    sizes: () => ({ transients: transients.size, once: once.size, consents: consents.size }),
  };
  return { records, copies };
}
