import http from 'node:http';
import https from 'node:https';
import type { Clock } from '#core/clock';
import { classifyFailure, type Failure } from '../target/failure.ts';

/** What is told of a target: never a header, a body or an address (decision 25). */
export interface TargetCheck {
  readonly ok: boolean;
  /** `2xx`. */
  readonly statusClass?: string;
  readonly ms?: number;
  readonly problem?: string;
}

const LIMIT_MS = 5000;

const PROBLEMS: Readonly<Record<Failure['kind'], string>> = {
  name: 'Its name was not found.',
  refused: 'It refused the connection, or cannot be reached.',
  tls: 'Its certificate is not accepted.',
  timeout: `It did not answer within ${LIMIT_MS / 1000} s.`,
  closed: 'It closed the connection without an answer.',
  bad_answer: 'What it answers is no HTTP.',
  bad_request: 'It cannot be asked.',
};

/** Asks a target's URL once, as a call to it would: any address may be a target. Redirects are not followed, the body is not read. */
export function checkTarget(url: string, clock: Clock): Promise<TargetCheck> {
  if (url === 'echo:') return Promise.resolve({ ok: true, statusClass: '2xx', ms: 0 });
  const { promise, resolve } = Promise.withResolvers<TargetCheck>();
  const startedAt = clock.monotonic();
  let isConnected = false;
  const request = (url.startsWith('https:') ? https : http).get(
    url,
    { agent: false, headers: { 'user-agent': 'Gatewright target check' }, maxHeaderSize: 16_384 },
    (answer) => {
      const statusClass = `${Math.floor((answer.statusCode ?? 0) / 100)}xx`;
      resolve({ ok: true, statusClass, ms: Math.round(clock.monotonic() - startedAt) });
      request.destroy();
    },
  );
  const timer = setTimeout(() => request.destroy(Object.assign(new Error('late'), { code: 'ETIMEDOUT' })), LIMIT_MS);
  request.once('socket', (socket) => socket.once('connect', () => (isConnected = true)));
  request.once('error', (error) => resolve({ ok: false, problem: PROBLEMS[classifyFailure(error, isConnected).kind] }));
  request.once('close', () => clearTimeout(timer));
  return promise;
}
