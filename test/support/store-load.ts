import assert from 'node:assert/strict';
import { request } from 'undici';
import { systemClock } from '#core/clock';
import { sha256Hex } from '#core/credential';
import { noLogger } from '#core/logger';
import { openTokenStore } from '#stores/open';
import { type Load, startLoad } from './load.ts';
import type { Quickstart } from './quickstart.ts';
import { eventually } from './system.ts';

/** Limits of a system that is only held back by its store. */
export const NO_LIMITS = {
  GATEWRIGHT_LIMITS_ISSUE_PER_SECOND: '100000',
  GATEWRIGHT_LIMITS_LIVE_TOKENS: '10000000',
};
/** The longest that an answer may take while a store is away: two time limits of an engine and some. */
const BOUND_MS = 4500;
/** So many tokens are also tried at the gateway. */
const CALLS = 150;

/** Tokens, by what was acknowledged of them. */
export interface SeenTokens {
  readonly issued: string[];
  readonly revoked: Set<string>;
  /** Nobody knows whether they were revoked. */
  readonly doubtful: Set<string>;
}

/** None yet. */
export function noTokens(): SeenTokens {
  return { issued: [], revoked: new Set(), doubtful: new Set() };
}

/** Status of a verified call of the API. */
export async function callApi(made: Quickstart, token: string): Promise<number> {
  const answer = await request(`${made.apiUrl}/1`, { headers: { authorization: `Bearer ${token}` } });
  await answer.body.dump();
  return answer.statusCode;
}

/** Issues tokens until it is stopped. */
export function startIssuing(made: Quickstart, tokens: SeenTokens, connections = 4): Load {
  return startLoad({
    ...{ url: made.tokenUrl, method: 'POST', connections, wantedStatus: 200, limitMs: 60_000 },
    headers: () => ({ 'content-type': 'application/x-www-form-urlencoded' }),
    body: `grant_type=client_credentials&client_id=${made.consumerKey}&client_secret=${made.consumerSecret}`,
    onAnswer: (body) => tokens.issued.push((JSON.parse(body) as { access_token: string }).access_token),
  });
}

/** Revokes every third token that is issued from now on, one after the other, until it is stopped. */
export function startRevoking(made: Quickstart, tokens: SeenTokens): () => Promise<void> {
  let isOver = false;
  const loop = (async () => {
    for (let next = tokens.issued.length; !isOver; ) {
      const token = tokens.issued[next];
      if (token === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        continue;
      }
      next += 3;
      tokens.doubtful.add(token);
      if (!(await revoke(made, token))) continue;
      tokens.revoked.add(token);
      tokens.doubtful.delete(token);
    }
  })();
  return async () => {
    isOver = true;
    await loop;
  };
}

/** True when it was acknowledged. */
async function revoke(made: Quickstart, token: string): Promise<boolean> {
  const credentials = Buffer.from(`${made.consumerKey}:${made.consumerSecret}`).toString('base64');
  const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: `Basic ${credentials}` };
  try {
    const answer = await request(`${made.tokenUrl}/revoke`, {
      ...{ method: 'POST', headers },
      body: new URLSearchParams({ token }).toString(),
    });
    await answer.body.dump();
    return answer.statusCode === 200;
  } catch {
    return false; // the worker was killed
  }
}

/** Waits until a token is issued again. */
export async function untilItIssues(made: Quickstart): Promise<void> {
  const tokens = noTokens();
  await eventually('it issues again', async () => {
    const load = startIssuing(made, tokens, 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await load.stop();
    return tokens.issued.length > 0 || undefined;
  });
}

/** What was not answered as wanted was refused as the standard has it, and never by a broken or a late answer. */
export function assertRefused({ counts: { failures, failedBy, slowestMs } }: Load, mayBreak = false): void {
  const allowed = mayBreak ? [0, 503] : [503];
  assert.deepEqual(
    [...failedBy.keys()].filter((status) => !allowed.includes(status)),
    [],
    failures.join('\n'),
  );
  for (const failure of failures)
    if (failure.startsWith('503')) assert.match(failure, /^503 .*temporarily_unavailable/);
  assert.ok(slowestMs < BOUND_MS, `an answer took ${Math.round(slowestMs)} ms`);
}

/** What {@link countTokens} found. */
interface TokenCounts {
  /** Acknowledged, and the store does not know them as live. */
  readonly lost: number;
  /** Revoked, and the store knows them as live. */
  readonly revived: number;
  /** Of a sample, how many the gateway answers otherwise than the store must. */
  readonly wrongAtGateway: number;
}

/** Looks for every token in the store itself, and tries a sample of both kinds at the gateway. */
export async function countTokens(made: Quickstart, storeUrl: string, tokens: SeenTokens): Promise<TokenCounts> {
  const { issued, revoked, doubtful } = tokens;
  const options = { clock: systemClock, logger: noLogger, retentionMs: 0, sweepIntervalMs: 0 };
  await using store = await openTokenStore(storeUrl, options);
  let [lost, revived, wrongAtGateway] = [0, 0, 0];
  const sure = issued.filter((token) => !doubtful.has(token));
  for (const token of sure) {
    const isLive = (await store.findAccess(sha256Hex(token), systemClock.now())).state === 'live';
    if (isLive && revoked.has(token)) revived += 1;
    if (!isLive && !revoked.has(token)) lost += 1;
  }
  const every = Math.ceil(sure.length / CALLS);
  for (const token of new Set([...sure.filter((_, i) => i % every === 0), ...[...revoked].slice(-CALLS)]))
    if ((await callApi(made, token)) !== (revoked.has(token) ? 401 : 200)) wrongAtGateway += 1;
  return { lost, revived, wrongAtGateway };
}
