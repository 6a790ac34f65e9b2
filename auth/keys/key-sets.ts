import {
  type CryptoKey,
  createLocalJWKSet,
  errors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
  type LocalJWKSet,
} from 'jose';
import type { Clock } from '#core/clock';
import { type Egress, EgressError } from '#core/egress';
import { createExpiringMap } from '../expiring-map.ts';

/** A set that is older is fetched again before it is used. */
const FRESH_MS = 600_000;
/** When it cannot be fetched again, it is used up to this age. */
const STALE_MS = 3_600_000;
/** Not fetched more often, whatever key ids are asked for and however it fails. */
const INTERVAL_MS = 30_000;
const LIMIT_BYTES = 262_144;
const TIMEOUT_MS = 5_000;
const MOST_SETS = 500;
const MOST_KEYS = 100;

/** A key set could not be had. The message is a sentence for the operator. */
export class KeySetUnavailable extends Error {
  override readonly name = 'KeySetUnavailable';
  readonly url: string;

  constructor(url: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.url = url;
  }
}

/** Finds the key that a header asks for. @throws errors of jose when there is none; KeySetUnavailable */
export type FindKey = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;

/** The key sets of others (RFC 7517), fetched through the way out and kept. */
export interface KeySets {
  /** The keys behind a URL. Nothing is fetched before a key is asked for. */
  at(url: string): FindKey;
  /**
   * Whether a certificate stands in the set behind a URL, first in the `x5c` of a key (RFC 7517 §4.7): that very one, byte by byte.
   * @throws KeySetUnavailable
   */
  hasCertificate(url: string, der: Buffer): Promise<boolean>;
}

interface Entry {
  keys: LocalJWKSet | undefined;
  /** Certificates of the keys, base64. */
  certificates: ReadonlySet<string>;
  /** Monotonic ms of the last good answer, and of the last try. */
  fetchedAt: number;
  triedAt: number;
  problem: string;
  pending: Promise<void> | undefined;
}

/**
 * Makes the cache. A set is fetched when it is first needed, when it has grown old, and when a key id is not in it; at most once in
 * {@link INTERVAL_MS}, so that made-up key ids cost one fetch. Requests that need the same set wait for the same fetch.
 */
export function createKeySets({ egress, clock }: { readonly egress: Egress; readonly clock: Clock }): KeySets {
  const gauge = { set: () => undefined };
  const entries = createExpiringMap<Entry>({ maxEntries: MOST_SETS, clock, gauge });

  const entryOf = (url: string): Entry => {
    const entry = entries.get(url) ?? {
      keys: undefined,
      certificates: new Set<string>(),
      fetchedAt: Number.NEGATIVE_INFINITY,
      triedAt: Number.NEGATIVE_INFINITY,
      problem: '',
      pending: undefined,
    };
    entries.set(url, entry, STALE_MS);
    return entry;
  };
  const refresh = (url: string, entry: Entry): Promise<void> => {
    entry.pending ??= fetchSet(url, entry).finally(() => {
      entry.pending = undefined;
    });
    return entry.pending;
  };
  const fetchSet = async (url: string, entry: Entry): Promise<void> => {
    entry.triedAt = clock.monotonic();
    try {
      const set = await download(url, egress);
      entry.keys = createLocalJWKSet(set);
      entry.certificates = certificatesOf(set);
      entry.fetchedAt = clock.monotonic();
    } catch (error) {
      if (!(error instanceof EgressError || error instanceof errors.JOSEError || error instanceof SetUnreadable))
        throw error;
      entry.problem = error.message;
    }
  };
  const mayFetch = (entry: Entry) => entry.pending !== undefined || clock.monotonic() - entry.triedAt >= INTERVAL_MS;

  /** The keys, not older than they may be; `isNew`: fetched just now. @throws KeySetUnavailable */
  const freshKeys = async (
    url: string,
    entry: Entry,
  ): Promise<{ readonly keys: LocalJWKSet; readonly isNew: boolean }> => {
    const isNew = clock.monotonic() - entry.fetchedAt >= FRESH_MS && mayFetch(entry);
    if (isNew) await refresh(url, entry);
    const { keys } = entry;
    if (keys === undefined || clock.monotonic() - entry.fetchedAt >= STALE_MS)
      throw new KeySetUnavailable(url, entry.problem === '' ? `The keys of ${url} could not be had.` : entry.problem);
    return { keys, isNew };
  };

  return {
    at: (url) => async (header, token) => {
      const entry = entryOf(url);
      const { keys, isNew } = await freshKeys(url, entry);
      try {
        return await keys(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey) || isNew || !mayFetch(entry)) throw error;
        await refresh(url, entry);
        return (entry.keys ?? keys)(header, token);
      }
    },
    async hasCertificate(url, der) {
      const entry = entryOf(url);
      const wanted = der.toString('base64');
      const { isNew } = await freshKeys(url, entry);
      if (entry.certificates.has(wanted)) return true;
      if (isNew || !mayFetch(entry)) return false;
      await refresh(url, entry);
      return entry.certificates.has(wanted);
    },
  };
}

/** The certificates that stand first in the `x5c` of the keys. What is none is as if it were not there. */
function certificatesOf({ keys }: JSONWebKeySet): ReadonlySet<string> {
  const first = keys.map(({ x5c }) => (Array.isArray(x5c) ? x5c[0] : undefined));
  // written anew, since base64 of one thing may be spelled in several ways
  return new Set(
    first.filter((one) => typeof one === 'string').map((one) => Buffer.from(one, 'base64').toString('base64')),
  );
}

/** What stands at the URL is no set of keys. */
class SetUnreadable extends Error {
  override readonly name = 'SetUnreadable';
}

/** @throws EgressError, SetUnreadable */
async function download(url: string, egress: Egress): Promise<JSONWebKeySet> {
  const { status, body } = await egress.fetch(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    limitBytes: LIMIT_BYTES,
    timeoutMs: TIMEOUT_MS,
    purpose: 'key set',
  });
  if (status !== 200) throw new SetUnreadable(`${url} answered ${status} instead of a key set.`);
  return parseKeySet(body.toString('utf8'), url);
}

/** A key set out of its JSON. @param name what it is called in the sentence @throws SetUnreadable */
function parseKeySet(text: string, name: string): JSONWebKeySet {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SetUnreadable(`${name} is no JSON.`);
  }
  const keys = typeof value === 'object' && value !== null && 'keys' in value ? value.keys : undefined;
  if (!Array.isArray(keys)) throw new SetUnreadable(`${name} has no list "keys" (RFC 7517 §5).`);
  if (keys.length > MOST_KEYS) throw new SetUnreadable(`${name} has more than ${MOST_KEYS} keys.`);
  // What is no public key of a kind is left out, the others count (RFC 7517 §5).
  return { keys: keys.filter((key) => typeof key === 'object' && key !== null && typeof key.kty === 'string') };
}

const inline = new WeakMap<object, FindKey>();

/** The keys that an object has inline, as JSON text; read once for each object. @throws errors of jose when the text is no key set */
export function inlineKeySet(owner: object, text: string): FindKey {
  const known = inline.get(owner) ?? createLocalJWKSet(parseKeySet(text, 'The registered key set'));
  inline.set(owner, known);
  return known;
}
