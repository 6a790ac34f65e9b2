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
  if (request.body !== undefined) headers['content-type'] = formType;
  const authorization = request.authorizations?.[0];
  if (authorization !== undefined) headers.authorization = authorization;
  const response = await fetch(request.url, {
    method: request.method,
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(5_000),
    ...(request.body === undefined ? {} : { body: request.body }),
  });
  return { status: response.status, body: await response.text() };
}

/** What is wrong with an answer to this work; undefined is nothing. */
function findFault(work: WorkName, answer: Answer): string | undefined {
  if (answer.status !== 200) return `status ${answer.status}: ${answer.body.slice(0, 200)}`;
  if (work === 'tokens')
    return findToken(answer.body) === undefined ? `no bearer token in ${answer.body.slice(0, 200)}` : undefined;
  return answer.body === upstreamBody ? undefined : `not the upstream's body: ${answer.body.slice(0, 200)}`;
}

/** The access token in a token end point's answer (RFC 6749 §5.1). */
export function findToken(body: string): string | undefined {
  try {
    const { access_token: token, token_type: type } = JSON.parse(body) as Record<string, unknown>;
    if (typeof token !== 'string' || token.length < 16) return undefined;
    return typeof type === 'string' && type.toLowerCase() === 'bearer' ? token : undefined;
  } catch {
    return undefined;
  }
}

/** Asks until the answer is right. @throws with the last fault after 20 s or when `child` ends. */
export async function waitFor(request: LoadRequest, work: WorkName, child: Child): Promise<Answer> {
  const deadline = performance.now() + 20_000;
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
  if (work === 'tokens' && findToken(first.body) === findToken(second.body)) throw new Error('the same token twice');
  if (refusal === undefined) return;
  const refused = await send(refusal);
  if (refused.status !== 401) throw new Error(`a call that must be refused had status ${refused.status}`);
}
