import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import type { Clock } from '#core/clock';
import { ProblemError } from '#core/problem';
import { TRY_TICKET_FIELD } from '#core/try-ticket';
import { decoderOf } from '#egress/send';
import type { GatewayAddress } from './gateway-address.ts';

/** One call to a gateway. */
export interface GatewayCall {
  /** Name of the gateway, for sentences. */
  readonly gateway: string;
  readonly method: string;
  /** Request target in origin form, as the ticket has it. */
  readonly target: string;
  /** Host field; also the name that a certificate must have. */
  readonly host: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly body: string | undefined;
  readonly ticket: string;
  readonly timeoutMs: number;
}

/** What the gateway answered. */
export interface GatewayAnswer {
  readonly status: number;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly contentType: string;
  readonly requestId: string | undefined;
  /** Decompressed, at most 5 MB. */
  readonly body: Buffer;
  readonly isCut: boolean;
  readonly firstByteMs: number;
  readonly totalMs: number;
}

/** So much of an answer's body is read. */
const ANSWER_LIMIT = 5 * 1024 * 1024;

/**
 * Makes a call on a connection of its own to the address that was looked at.
 * @throws ProblemError `gateway_unreachable`, `gateway_timed_out`, `gateway_tls_failed`
 */
export async function callGateway(to: GatewayAddress, call: GatewayCall, clock: Clock): Promise<GatewayAnswer> {
  const startedAt = clock.monotonic();
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), call.timeoutMs);
  try {
    const answer = await ask(to, call, late.signal);
    const firstByteMs = clock.monotonic() - startedAt;
    const { body, isCut } = await readBody(answer);
    return {
      status: answer.statusCode ?? 0,
      headers: pairs(answer.rawHeaders),
      contentType: answer.headers['content-type'] ?? '',
      requestId: requestIdOf(answer),
      ...{ body, isCut, firstByteMs, totalMs: clock.monotonic() - startedAt },
    };
  } catch (error) {
    throw problemOf(call, error, late.signal.aborted);
  } finally {
    clearTimeout(timer);
  }
}

function ask(to: GatewayAddress, call: GatewayCall, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const name = hostname(call.host);
  const isAccepted = call.headers.some((field) => field.name.toLowerCase() === 'accept-encoding');
  const request = (to.isTls ? https : http).request({
    method: call.method,
    host: to.hostname,
    port: to.port,
    path: call.target,
    setHost: false,
    headers: [
      ...['Host', call.host, TRY_TICKET_FIELD, call.ticket],
      ...(isAccepted ? [] : ['Accept-Encoding', 'gzip, deflate, br']),
      ...(call.body === undefined ? [] : ['Content-Length', String(Buffer.byteLength(call.body))]),
      ...call.headers.flatMap((field) => [field.name, field.value]),
      ...['Connection', 'close'],
    ],
    lookup: (_, options, done) => {
      const [first] = to.addresses;
      if (options.all === true) done(null, [...to.addresses]);
      else done(null, first?.address ?? '', first?.family);
    },
    ...(to.isTls && {
      // On this machine nobody is in between, and its certificate is made for another name.
      rejectUnauthorized: !to.isLoopback,
      ...(isIP(name) === 0 && { servername: name }),
    }),
    agent: false,
    signal,
  });
  request.once('response', resolve);
  request.once('error', reject);
  request.end(call.body);
  return promise;
}

/** The body as people read it, up to the limit; then the connection is left. */
async function readBody(answer: IncomingMessage): Promise<{ body: Buffer; isCut: boolean }> {
  const decoder = decoderOf((answer.headers['content-encoding'] ?? '').trim().toLowerCase());
  if (decoder !== undefined) answer.once('error', (error) => decoder.destroy(error));
  const source: Readable = decoder === undefined ? answer : answer.pipe(decoder);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > ANSWER_LIMIT) break;
  }
  answer.destroy();
  return { body: Buffer.concat(chunks).subarray(0, ANSWER_LIMIT), isCut: length > ANSWER_LIMIT };
}

function pairs(raw: readonly string[]): { name: string; value: string }[] {
  return raw.flatMap((name, i) => (i % 2 === 0 ? [{ name, value: raw[i + 1] ?? '' }] : []));
}

function requestIdOf({ headers }: IncomingMessage): string | undefined {
  const id = headers['x-request-id'];
  return typeof id === 'string' && /^req_[0-9A-Z]{16}$/.test(id) ? id : undefined;
}

function hostname(authority: string): string {
  return authority.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

function problemOf({ gateway, timeoutMs, host }: GatewayCall, error: unknown, isLate: boolean): ProblemError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (isLate)
    return new ProblemError('gateway_timed_out', `The gateway ${gateway} did not answer within ${timeoutMs / 1000} s.`);
  if (/CERT|SSL|TLS|EPROTO|SELF_SIGNED|UNABLE_TO/.test(code))
    return new ProblemError(
      'gateway_tls_failed',
      `The certificate of the gateway ${gateway} is not accepted for ${hostname(host)}: ${code}.`,
    );
  const why =
    code === 'ECONNREFUSED' ? 'nothing listens there.' : `the connection failed${code === '' ? '' : ` (${code})`}.`;
  return new ProblemError('gateway_unreachable', `The gateway ${gateway} cannot be reached: ${why}`, {
    fixes: [{ text: 'See the gateways and where they listen.', command: 'gatewright gateway list' }],
  });
}
