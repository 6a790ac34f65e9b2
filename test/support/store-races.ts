import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, systemClock } from '#core/clock';
import type { TokenStore } from '#core/token-store';
import {
  grantedToken,
  NOW,
  sampleCode,
  sampleGrant,
  sampleRefresh,
  sampleRotation,
  sampleToken,
} from '../contract/sample-token.ts';

/** The machine's clock, set to the time of the sample tokens. */
export function clockOfSamples(): Clock {
  const begun = systemClock.monotonic();
  return { now: () => NOW + systemClock.monotonic() - begun, monotonic: () => systemClock.monotonic() };
}

/** A code, or a refresh token, that was asked for. */
interface Prize {
  readonly kind: 'code' | 'refresh';
  readonly seed: string;
  readonly grantId: string;
  /** Which of those who asked were answered that it is theirs. */
  readonly winners: Set<string>;
}

/** What two stores answered while something happened to their engine. */
export interface RaceAnswers {
  /** Hashes of access tokens that were acknowledged and never revoked. */
  readonly live: Set<string>;
  /** Hashes of access tokens whose revocation was acknowledged. */
  readonly revoked: Set<string>;
  /** Hashes of access tokens of grants of which something was presented twice and answered so. */
  readonly killed: Set<string>;
  readonly prizes: Prize[];
  unavailable: number;
}

/** None yet. */
export function noAnswers(): RaceAnswers {
  return { live: new Set(), revoked: new Set(), killed: new Set(), prizes: [], unavailable: 0 };
}

/** An attempt whose outcome is unknown is made again under the same id, for so long. */
const REPEAT_FOR_MS = 10_000;
/** What is looked at at once. */
const LOOKS = 16;

/**
 * Saves, revokes, consumes codes and rotates refresh tokens on two stores, as two gateways do, until the function that it gives is called: some
 * codes and refresh tokens are asked for by both at once, others by one.
 */
export function startRaces(
  [a, b]: readonly [TokenStore, TokenStore],
  name: string,
  answers: RaceAnswers,
): () => Promise<void> {
  let isOver = false;
  const note = { by: 'priya', at: NOW + 1, reason: undefined };
  const attempt = async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await ask();
    } catch (error) {
      assert.equal((error as Error).name, 'UnavailableError', String((error as Error).stack));
      answers.unavailable += 1;
      await sleep(10);
      return undefined;
    }
  };
  /** Again and again while the outcome is unknown: the one who asks again is the same. */
  const resolved = async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
    const deadline = performance.now() + REPEAT_FOR_MS;
    for (;;) {
      const answer = await attempt(ask);
      if (answer !== undefined || performance.now() > deadline) return answer;
    }
  };

  async function saveAndRevoke(seed: string, n: number): Promise<void> {
    const token = sampleToken(seed);
    if ((await attempt(() => a.saveAccess(token).then(() => true))) === undefined) return;
    if (n % 4 !== 0) answers.live.add(token.hash);
    else if ((await attempt(() => b.revokeAccess(token.hash, note))) === true) answers.revoked.add(token.hash);
  }

  async function consume(stores: readonly TokenStore[], seed: string): Promise<void> {
    const grant = sampleGrant(seed);
    const access = grantedToken(`access ${seed}`, grant.id);
    const [code, refresh] = [sampleCode(seed, grant.id), sampleRefresh(`refresh ${seed}`, grant.id)];
    if ((await attempt(() => a.saveIssue({ grant, code, refresh, access }).then(() => true))) === undefined) return;
    const prize: Prize = { kind: 'code', seed, grantId: grant.id, winners: new Set() };
    answers.prizes.push(prize);
    const consumed = await Promise.all(
      stores.map((store, i) => resolved(() => store.consumeCode(code.hash, { id: `${i}`, now: NOW + 1 }))),
    );
    for (const [i, one] of consumed.entries()) if (one?.state === 'consumed') prize.winners.add(`${i}`);
    if (consumed.some((one) => one?.state === 'replayed')) answers.killed.add(access.hash);
  }

  async function rotate(stores: readonly TokenStore[], seed: string): Promise<void> {
    const grant = sampleGrant(seed);
    const refresh = sampleRefresh(seed, grant.id);
    if ((await attempt(() => b.saveIssue({ grant, refresh }).then(() => true))) === undefined) return;
    const prize: Prize = { kind: 'refresh', seed, grantId: grant.id, winners: new Set() };
    answers.prizes.push(prize);
    const rotations = stores.map(async (store, i) => {
      const rotation = sampleRotation(seed, `${seed} ${i}`, grant.id);
      return { rotation, rotated: await resolved(() => store.rotateRefresh(rotation)) };
    });
    const answered = await Promise.all(rotations);
    for (const [i, { rotated }] of answered.entries()) if (rotated?.state === 'rotated') prize.winners.add(`${i}`);
    if (!answered.some(({ rotated }) => rotated?.state === 'replayed')) return;
    for (const { rotated, rotation } of answered)
      if (rotated?.state === 'rotated') answers.killed.add(rotation.access.hash);
  }

  const lane = async (step: (seed: string, n: number) => Promise<void>, i: number) => {
    for (let n = 0; !isOver; n += 1) await step(`${name} ${i} ${n}`, n);
  };
  const both = [a, b];
  const lanes = [
    ...Array.from({ length: 4 }, () => saveAndRevoke),
    ...Array.from({ length: 2 }, () => (seed: string) => consume(both, seed)),
    ...Array.from({ length: 2 }, () => (seed: string) => rotate(both, seed)),
    ...[(seed: string) => consume([a], seed), (seed: string) => rotate([b], seed)],
  ].map(lane);
  return async () => {
    isOver = true;
    await Promise.all(lanes);
  };
}

/** What {@link judgeRaces} counted. */
interface RaceCounts {
  readonly acknowledged: number;
  readonly revoked: number;
  readonly killed: number;
  readonly codes: number;
  readonly refreshTokens: number;
  /** Calls that were answered that the engine is away. */
  readonly unavailable: number;
  /** Acknowledged and not live. */
  readonly lost: number;
  /** Revoked, or of a grant that is dead, and live. */
  readonly revokedAndLive: number;
  /** Codes that two got, and those that another one gets now although one got it before. */
  readonly codesTwice: number;
  /** Refresh tokens of which the same is true. */
  readonly refreshTwice: number;
}

/** Looks at all that was acknowledged, and asks once more for every code and refresh token that somebody got. */
async function countRaces(store: TokenStore, answers: RaceAnswers): Promise<RaceCounts> {
  const { live, revoked, killed, prizes, unavailable } = answers;
  const patient = async <T>(ask: () => T | Promise<T>): Promise<T> => {
    for (let tries = 0; ; tries += 1)
      try {
        return await ask();
      } catch (error) {
        if (tries === 20) throw error;
        await sleep(100);
      }
  };
  const count = async <T>(all: Iterable<T>, isWrong: (one: T) => Promise<boolean>): Promise<number> => {
    let wrong = 0;
    const rest = [...all][Symbol.iterator]();
    const look = async () => {
      for (const one of rest) if (await isWrong(one)) wrong += 1;
    };
    await Promise.all(Array.from({ length: LOOKS }, look));
    return wrong;
  };
  const isLive = async (hash: string) => (await patient(() => store.findAccess(hash, NOW + 2))).state === 'live';
  // Before anything is asked for once more: that kills grants.
  const lost = await count(live, async (hash) => !(await isLive(hash)));
  const revokedAndLive = await count([...revoked, ...killed], isLive);
  const isTwice = async ({ kind, seed, grantId, winners }: Prize): Promise<boolean> => {
    if (winners.size !== 1) return winners.size > 1;
    const ask =
      kind === 'code'
        ? () => store.consumeCode(sampleCode(seed, grantId).hash, { id: 'another', now: NOW + 2 })
        : () => store.rotateRefresh(sampleRotation(seed, `${seed} another`, grantId));
    return ['consumed', 'rotated'].includes((await patient<{ readonly state: string }>(ask)).state);
  };
  const [codes, refreshTokens] = (['code', 'refresh'] as const).map((kind) =>
    prizes.filter((one) => one.kind === kind),
  );
  return {
    ...{ acknowledged: live.size, revoked: revoked.size, killed: killed.size, unavailable },
    ...{ codes: codes?.length ?? 0, refreshTokens: refreshTokens?.length ?? 0, lost, revokedAndLive },
    codesTwice: await count(codes ?? [], isTwice),
    refreshTwice: await count(refreshTokens ?? [], isTwice),
  };
}

/** Counts, prints, and throws unless nothing was lost, came back or was given twice. */
export async function judgeRaces(
  store: TokenStore,
  answers: RaceAnswers,
  say: (counts: string) => void,
): Promise<void> {
  const found = await countRaces(store, answers);
  say(JSON.stringify(found));
  const { lost, revokedAndLive, codesTwice, refreshTwice } = found;
  assert.ok(found.acknowledged > 20 && found.revoked > 5 && found.killed > 0, 'there was a load');
  assert.ok(found.codes > 5 && found.refreshTokens > 5, 'there were codes and refresh tokens');
  assert.deepEqual(
    { lost, revokedAndLive, codesTwice, refreshTwice },
    {
      ...{ lost: 0, revokedAndLive: 0, codesTwice: 0, refreshTwice: 0 },
    },
  );
}
