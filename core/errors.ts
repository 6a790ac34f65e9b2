import type { Facts } from './facts.ts';
import type { CallerIdentity, HttpResponse } from './message.ts';
import type { ReasonCode } from './reasons/catalogue.ts';

/**
 * An exchange is refused: thrown by a policy or the gateway, rendered by the listener from the catalogue (`core/reasons`).
 * Carries no stack (it is made thousands of times a second under attack and its code says where it came from).
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: ReasonCode;
  /** What the operator sees in *why*; never reaches the caller, except with *Error detail: Verbose*. */
  readonly facts: Facts;
  /** Extra header fields of the answer, e.g. `Retry-After`, `Allow`. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** Attributes for `WWW-Authenticate: Bearer`, e.g. realm and scope (RFC 6750 §3). */
  readonly challenge: Readonly<Record<string, string>> | undefined;
  /** Who was refused, where that was found out: for the record, never for the caller. */
  readonly caller: CallerIdentity | undefined;
  /** What is answered in place of a rendered problem: a page, or the way back to the client (RFC 6749 §4.1.2.1). */
  readonly answer: HttpResponse | undefined;

  constructor(code: ReasonCode, facts: Facts = {}, extra: RefusalExtra = {}) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(code);
    Error.stackTraceLimit = limit;
    this.code = code;
    this.facts = facts;
    this.headers = extra.headers;
    this.challenge = extra.challenge;
    this.caller = extra.caller;
    this.answer = extra.answer;
  }
}

/** What a refusal's answer carries beside its code. */
export interface RefusalExtra {
  readonly headers?: Readonly<Record<string, string>>;
  readonly challenge?: Readonly<Record<string, string>>;
  readonly caller?: CallerIdentity | undefined;
  readonly answer?: HttpResponse | undefined;
}

/** A configuration that cannot work: a deployment or a start is refused. `pointer` is a JSON pointer into what was given. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly pointer: string;

  constructor(message: string, pointer = '') {
    super(message);
    this.pointer = pointer;
  }
}

/** A store or peer process could not be reached or did not answer; the caller may try again. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}
