import { Refusal } from '#core/errors';

/** What went wrong with a call to a target, for retry and for the operator. */
export interface Failure {
  readonly kind: 'name' | 'refused' | 'tls' | 'timeout' | 'closed' | 'bad_answer' | 'bad_request';
  /** For `timeout`. */
  readonly part: 'connect' | 'head' | 'body';
  /** Error code; never a value of the message. */
  readonly detail: string;
}

const NAME_CODES = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME']);
const REFUSED_CODES = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPERM',
  'EMFILE',
]);
const CLOSED_CODES = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'UND_ERR_SOCKET',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
  'UND_ERR_INFO',
]);
const TLS_CODES = /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;

/** Sorts an error of undici, net, tls or dns. `connected`: a connection was made before. */
export function classifyFailure(error: Error, connected: boolean): Failure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const failure = (kind: Failure['kind'], part: Failure['part'] = 'head'): Failure => ({ kind, part, detail: code });
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return failure('timeout', 'connect');
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return failure('timeout', 'head');
  if (code === 'UND_ERR_BODY_TIMEOUT') return failure('timeout', 'body');
  if (code === 'ETIMEDOUT') return failure('timeout', connected ? 'body' : 'connect');
  if (NAME_CODES.has(code)) return failure('name');
  if (TLS_CODES.test(code)) return failure('tls');
  if (REFUSED_CODES.has(code)) return failure('refused');
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') return failure('bad_request');
  if (CLOSED_CODES.has(code)) return failure(connected ? 'closed' : 'refused');
  return failure('bad_answer');
}

/** Where a failed call went. */
export interface FailedCall {
  readonly target: string;
  readonly address: string;
  readonly tries: number;
  readonly limits: { readonly connect: number; readonly head: number; readonly body: number };
}

/** The refusal that the caller gets for a failed call: 502 or 504, each cause with its own reason code. */
export function refusalOfFailure(failure: Failure, { target, address, tries, limits }: FailedCall): Refusal {
  const facts = { target, address, tries, detail: failure.detail };
  switch (failure.kind) {
    case 'name':
      return new Refusal('target_name', facts);
    case 'refused':
      return new Refusal('target_refused', facts);
    case 'tls':
      return new Refusal('target_tls', facts);
    case 'timeout':
      return new Refusal('target_timeout', { ...facts, part: failure.part, limitMs: limits[failure.part] });
    case 'closed':
      return new Refusal('target_bad_answer', { ...facts, detail: `the connection was closed (${failure.detail})` });
    case 'bad_answer':
      return new Refusal('target_bad_answer', facts);
    case 'bad_request':
      return new Refusal('request_invalid', { problem: 'not_forwardable', detail: failure.detail });
  }
}
