// What is done to a token store again and again to measure it, each answer checked.

import { systemClock } from '#core/clock';
import { sha256Hex } from '#core/credential';
import { base62, newId } from '#core/id';
import { systemRandom } from '#core/random';
import type { AccessToken, AuthorizationCode, Grant, RefreshToken, TokenStore } from '#core/token-store';
import { type Spread, spreadOf } from './percentile.ts';

const HOUR_MS = 3_600_000;
/** Tokens put in at once while a store is filled. */
const FILL_AT_ONCE = 500;
/** Tries of one, since an engine that has not answered in time may be busy with what it was given. */
const FILL_TRIES = 5;

/** What is measured. `consume` is of codes that are there already, `rotate` of the refresh token that the last rotation gave. */
export const WORKS = ['save', 'find', 'rotate', 'consume'] as const;
export type Work = (typeof WORKS)[number];

/** How a work went. Latencies in ms, of what succeeded. */
export interface Outcome extends Spread {
  readonly perSecond: number;
  /** Operations that failed, or were answered otherwise than they must be. */
  readonly errors: number;
  readonly firstError: string | undefined;
}

/** A token that lives for an hour, of a client of its own family. */
function newAccess(hash: string = sha256Hex(base62(systemRandom, 46)), grant?: Grant): AccessToken {
  const issuedAt = systemClock.now();
  return {
    ...{ hash, clientId: 'cli_0123456789ABCDEF', subscriptionId: 'sub_0123456789ABCDEF' },
    ...{ productId: 'prd_0123456789ABCDEF', secretId: 'sec_0123456789ABCDEF' },
    ...{ serverGroupId: 'grp_0123456789ABCDEF', projectId: 'prj_0123456789ABCDEF' },
    ...{ subject: grant?.subject, scopes: ['orders:read'], issuedAt, expiresAt: issuedAt + HOUR_MS },
    ...{ generations: { client: 1, subscription: 1, secret: 1 }, parameters: {} },
    ...(grant !== undefined && { grantId: grant.id }),
  };
}

/** The hash of a filled token by its number, so that none need be kept to be found. */
const hashOf = (n: number) => sha256Hex(`token ${n}`);

/** Tries again what has the same effect once. */
async function again(save: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await save();
    } catch (error) {
      if (tries === FILL_TRIES) throw error;
    }
  }
}

/** Puts tokens `from` to `to` in. Gives tokens a second. @param until monotonic ms at which it gives up */
export async function fill(store: TokenStore, from: number, to: number, until: number) {
  const begin = systemClock.monotonic();
  let at = from;
  const put = async () => {
    while (at < to && systemClock.monotonic() < until) {
      at += 1;
      await again(() => store.saveAccess(newAccess(hashOf(at - 1))));
      // What is synchronous gives way to others now and then.
      if (at % 1024 === 0) await new Promise(setImmediate);
    }
  };
  await Promise.all(Array.from({ length: FILL_AT_ONCE }, put));
  return { filled: at, perSecond: Math.round((at - from) / ((systemClock.monotonic() - begin) / 1000)) };
}

const newGrant = (): Grant => {
  const { clientId, subscriptionId, productId, serverGroupId, projectId, scopes, generations, parameters, issuedAt } =
    newAccess();
  return {
    ...{ id: newId('gra', systemRandom), clientId, subscriptionId, productId, serverGroupId, projectId },
    ...{ subject: 'own_0123456789ABCDEF', scopes, createdAt: issuedAt, generations, parameters },
  };
};

function newRefresh({ id }: Grant): RefreshToken {
  const issuedAt = systemClock.now();
  return { hash: sha256Hex(base62(systemRandom, 46)), grantId: id, issuedAt, expiresAt: issuedAt + 24 * HOUR_MS };
}

function expect(state: string, wanted: string): void {
  if (state !== wanted) throw new Error(`${state} instead of ${wanted}`);
}

/** What one caller does again and again. It gives false when there is nothing left to do; `begun`: this was no operation that counts. */
export type Caller = () => Promise<boolean | 'begun'>;

/**
 * Prepares a work.
 * @param rows live tokens that are there, numbered from 0
 * @param codes how many codes are made to be consumed, before the clock starts
 */
export async function prepare(work: Work, store: TokenStore, { rows, codes }: { rows: number; codes: number }) {
  switch (work) {
    case 'save':
      return (): Caller => async () => {
        await store.saveAccess(newAccess());
        return true;
      };
    case 'find':
      return () => async () => {
        const n = systemRandom.bytes(4).readUInt32BE() % rows;
        expect((await store.findAccess(hashOf(n), systemClock.now())).state, 'live');
        return true;
      };
    case 'rotate':
      return () => rotations(store);
    case 'consume': {
      const made = await makeCodes(store, codes);
      return () => async () => {
        const code = made.pop();
        if (code === undefined) return false;
        expect((await store.consumeCode(code.hash, { id: code.hash, now: code.issuedAt })).state, 'consumed');
        return true;
      };
    }
  }
}

/** The rotations of one grant, one after the other. */
function rotations(store: TokenStore): Caller {
  const grant = newGrant();
  let last: RefreshToken | undefined;
  return async () => {
    if (last === undefined) {
      last = newRefresh(grant);
      await store.saveIssue({ grant, access: newAccess(undefined, grant), refresh: last });
      return 'begun';
    }
    const access = newAccess(undefined, grant);
    const successor = newRefresh(grant);
    const rotation = { hash: last.hash, attemptId: access.hash, now: access.issuedAt, graceMs: 0, access, successor };
    const { hash } = last;
    last = undefined; // after a failure nobody knows which is good: a new one begins
    expect((await store.rotateRefresh({ ...rotation, hash })).state, 'rotated');
    last = successor;
    return true;
  };
}

async function makeCodes(store: TokenStore, count: number): Promise<AuthorizationCode[]> {
  const made: AuthorizationCode[] = [];
  while (made.length < count) {
    const some = Array.from({ length: Math.min(FILL_AT_ONCE, count - made.length) }, () => {
      const grant = newGrant();
      return { grant, code: { ...newRefresh(grant), redirectUri: undefined, codeChallenge: undefined } };
    });
    await Promise.all(some.map((issue) => again(() => store.saveIssue(issue))));
    made.push(...some.map(({ code }) => code));
  }
  return made;
}

/** Lets so many callers work for so long. What is synchronous gives way to others after each round of all callers. */
export async function measure(makeCaller: () => Caller, callers: number, durationMs: number): Promise<Outcome> {
  const latencies: number[] = [];
  let errors = 0;
  let firstError: string | undefined;
  const begin = systemClock.monotonic();
  const call = async () => {
    const work = makeCaller();
    for (let at = begin; at < begin + durationMs; ) {
      const from = systemClock.monotonic();
      try {
        const done = await work();
        if (!done) return;
        if (done === true) latencies.push(systemClock.monotonic() - from);
      } catch (error) {
        errors += 1;
        firstError ??= error instanceof Error ? error.message : String(error);
      }
      at = systemClock.monotonic();
      if (latencies.length % 1024 === 0) await new Promise(setImmediate);
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  const seconds = (systemClock.monotonic() - begin) / 1000;
  return { perSecond: Math.round(latencies.length / seconds), ...spreadOf(latencies), errors, firstError };
}
