import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './child.ts';
import type { WorkName } from './contestant.ts';
import { formType, type LoadRequest } from './load.ts';
import { upstreamBody } from './upstream-body.ts';

/** One answer to a request of the bench. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Sends a request once. @throws when there is no answer within 5 s. */
export async function send(request: LoadRequest): Promise<Answer> {
  const headers: Record<string, string> = {};
  const [form] = (await request.forms?.create(1)) ?? [];
  const body = request.body ?? form;
  if (body !== undefined) headers['content-type'] = formType;
  const authorization = request.authorizations?.[0];
  if (authorization !== undefined) headers.authorization = authorization;
  const response = await fetch(request.url, {
    method: request.method,
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(5_000),
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, body: await response.text() };
}

/** Works whose answers have a token of their own. */
const issuing: readonly WorkName[] = ['tokens', 'code', 'refresh'];

/** What is wrong with an answer to this work; undefined is nothing. */
function findFault(work: WorkName, answer: Answer): string | undefined {
  if (answer.status !== 200) return `status ${answer.status}: ${answer.body.slice(0, 200)}`;
  const start = answer.body.slice(0, 200);
  if (work === 'introspection') return readMember(answer.body, 'active') === true ? undefined : `not active: ${start}`;
  if (issuing.includes(work)) {
    if (findToken(answer.body) === undefined) return `no bearer token in ${start}`;
    const lacksRefresh = work !== 'tokens' && findRefreshToken(answer.body) === undefined;
    return lacksRefresh ? `no refresh token in ${start}` : undefined;
  }
  return answer.body === upstreamBody ? undefined : `not the upstream's body: ${start}`;
}

/** The access token in a token end point's answer (RFC 6749 §5.1). */
export function findToken(body: string): string | undefined {
  const token = readMember(body, 'access_token');
  const type = readMember(body, 'token_type');
  if (typeof token !== 'string' || token.length < 16) return undefined;
  return typeof type === 'string' && type.toLowerCase() === 'bearer' ? token : undefined;
}

/** The refresh token in it. */
export function findRefreshToken(body: string): string | undefined {
  const token = readMember(body, 'refresh_token');
  return typeof token === 'string' && token.length >= 16 ? token : undefined;
}

function readMember(body: string, name: string): unknown {
  try {
    return (JSON.parse(body) as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

/** Asks until the answer is right. @throws with the last fault after `timeoutMs` or when `child` ends. */
export async function waitFor(request: LoadRequest, work: WorkName, child: Child, timeoutMs = 20_000): Promise<Answer> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let fault: string | undefined;
    try {
      const answer = await send(request);
      fault = findFault(work, answer);
      if (fault === undefined) return answer;
    } catch (error) {
      fault = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    }
    if (child.ended) throw new Error(`it ended: ${child.tail()}`);
    if (performance.now() > deadline) throw new Error(`no right answer from ${request.url}: ${fault}`);
    await sleep(2);
  }
}

/** Checks a running contestant's answers. @throws with what is wrong. */
export async function checkAnswers(
  work: WorkName,
  request: LoadRequest,
  refusal: LoadRequest | undefined,
): Promise<void> {
  const first = await send(request);
  const second = await send(request);
  const fault = findFault(work, first) ?? findFault(work, second);
  if (fault !== undefined) throw new Error(fault);
  if (issuing.includes(work) && findToken(first.body) === findToken(second.body))
    throw new Error('the same token twice');
  if (request.forms?.use === 'once') await checkSpent(request);
  if (refusal === undefined) return;
  const refused = await send(refusal);
  if (refused.status !== 401) throw new Error(`a call that must be refused had status ${refused.status}`);
}

/** A form that is good once is refused the second time. */
async function checkSpent(request: LoadRequest): Promise<void> {
  const [form = ''] = (await request.forms?.create(1)) ?? [];
  const spent: LoadRequest = { url: request.url, method: request.method, body: form };
  await send(spent);
  const { status } = await send(spent);
  if (status !== 400) throw new Error(`what is good once had status ${status} the second time`);
  // What came of it may be gone, also at the server what was allowed: that is asked for again now, not by many at once later.
  await request.forms?.create(1);
}
