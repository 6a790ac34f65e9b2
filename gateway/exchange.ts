import { Refusal } from '#core/errors';
import type { Facts } from '#core/facts';
import { HeaderList } from '#core/headers';
import type { CallerIdentity, ClientCertificate, HttpResponse, Message, MessageRequest } from '#core/message';
import type { TargetCall } from '#core/model/exchange-record';
import type { ChainStep, ChainStepEnd } from '#core/policy-chain';
import { Whiteboard } from '#core/whiteboard';
import type { CompiledProject, CompiledResource } from './deployment.ts';
import type { DeploymentSet } from './deployment-set.ts';
import type { CallListener, HttpCall } from './http/engine.ts';
import type { Step } from './pipeline.ts';
import type { RequestBody } from './request-body.ts';

const NO_PARAMETERS: Readonly<Record<string, string | undefined>> = Object.freeze({});
const NO_BODY = Buffer.alloc(0);

/** A call to a target that is under way. */
export interface RunningCall {
  pause(): void;
  resume(): void;
  /** Ends it; nothing is heard of it afterwards. */
  cancel(): void;
}

/** What a policy of a chain did, inside the step that called the chain. */
export interface ChainEntry extends ChainStep {
  readonly within: Step | undefined;
  end: ChainStepEnd | undefined;
  facts: Facts | undefined;
}

/** Policies that chains may run in one exchange: chains call chains, and their numbers multiply. */
const CHAIN_STEPS_LIMIT = 500;

/** What an exchange tells whoever conducts it. */
export interface Conductor {
  onRefusedBody(exchange: Exchange, refusal: Refusal): void;
  onClose(exchange: Exchange, complete: boolean): void;
}

/**
 * One request and its answer: the Message that policies see, the listener of the connection, and what the record is made from. One object,
 * its parts made only when somebody asks for them; the conductor (`conduct.ts`) moves it along.
 */
export class Exchange implements Message, MessageRequest, CallListener {
  readonly requestId: string;
  readonly receivedAt: number;
  /** Monotonic ms. */
  readonly startedAt: number;
  readonly method: string;
  remoteAddress: string;
  callerRequestId: string | undefined;
  /** Who made it by Try it; undefined for a caller's own. */
  triedBy: string | undefined;
  /** For the manager only: neither counted nor recorded. */
  isInternal = false;
  scheme: 'http' | 'https' = 'http';
  host = '';
  path = '';
  targetPath = '';
  query = '';
  /** The query as it came, before policies cut tokens out; only its names are recorded. */
  sentQuery = '';
  headers: HeaderList = NO_HEADERS;
  ownCookies: string | undefined;
  clientCertificate: ClientCertificate | undefined;
  pathParameters: Readonly<Record<string, string | undefined>> = NO_PARAMETERS;
  response: HttpResponse | undefined;

  /** Where it was routed to; undefined until it was. */
  project: CompiledProject | undefined;
  resource: CompiledResource | undefined;
  serverGroup = '';
  verbose = false;

  /** The set that was current when it began; it lives until the exchange is over. */
  set: DeploymentSet | undefined;

  /** The connection's side. */
  readonly http: HttpCall;
  body: RequestBody | undefined;
  readonly #conductor: Conductor;

  /** Number of the last attachment that was entered. */
  entered = -1;
  /** The step that runs. */
  step: Step | undefined;
  /** Milliseconds by step index; a hole: not reached. */
  stepMs: number[] = [];
  stepFacts: (Facts | undefined)[] | undefined;
  /** Policies that ran in chains, in the order in which they began. */
  chainEntries: ChainEntry[] | undefined;
  /** Those that run, the innermost last. */
  #openEntries: ChainEntry[] | undefined;
  stoppedBy: Step | undefined;
  stoppedAs: 'answered' | 'stopped' | 'failed' = 'stopped';
  refusal: Refusal | undefined;
  caller: CallerIdentity | undefined;

  /** The target's side. */
  call: TargetCall | undefined;
  /** Milliseconds for which it was the target's turn, from the first try to the end of its answer. */
  targetMs = 0;
  running: RunningCall | undefined;
  /** True while the answer's body is the target's. */
  streams = false;
  /** Content-Length of the target's answer; -1: not said. */
  answerLength = -1;
  /** Head that waits for the first chunk, to go out in one write with it. */
  heldHeaders: string[] | undefined;

  /** 0 until there is one. */
  status = 0;
  responseBytes = 0;
  /** True from the moment on that the answer is settled: its head is held or written. */
  committed = false;
  /** True when the last byte was handed to the connection. */
  ended = false;
  closed = false;
  #whiteboard: Whiteboard | undefined;

  constructor(
    http: HttpCall,
    conductor: Conductor,
    start: { requestId: string; receivedAt: number; startedAt: number },
  ) {
    this.http = http;
    this.#conductor = conductor;
    this.requestId = start.requestId;
    this.receivedAt = start.receivedAt;
    this.startedAt = start.startedAt;
    this.method = http.method;
    this.remoteAddress = http.remoteAddress;
    http.listener = this;
  }

  get request(): MessageRequest {
    return this;
  }

  get whiteboard(): Whiteboard {
    this.#whiteboard ??= new Whiteboard();
    return this.#whiteboard;
  }

  get requestBytes(): number {
    return this.body?.received ?? 0;
  }

  readBody(limitBytes: number): Promise<Buffer> {
    return this.body === undefined ? Promise.resolve(NO_BODY) : this.body.read(limitBytes);
  }

  replaceBody(body: Buffer): void {
    if (this.body === undefined) throw new Error('The request has no body to replace.');
    this.body.replace(body);
    this.headers.set('Content-Length', String(body.length));
  }

  note(facts: Facts): void {
    const { step } = this;
    const entry = this.#openEntries?.at(-1);
    if (entry !== undefined) {
      entry.facts = { ...entry.facts, ...facts };
      return;
    }
    if (step === undefined) return;
    this.stepFacts ??= [];
    this.stepFacts[step.index] = { ...this.stepFacts[step.index], ...facts };
  }

  beginChainStep(step: ChainStep): (end: ChainStepEnd) => void {
    this.chainEntries ??= [];
    this.#openEntries ??= [];
    if (this.chainEntries.length >= CHAIN_STEPS_LIMIT)
      throw new Refusal('policy_error', {
        detail: `chains ran more than ${CHAIN_STEPS_LIMIT} policies`,
        chain: step.chain,
      });
    const entry: ChainEntry = { ...step, within: this.step, end: undefined, facts: undefined };
    const open = this.#openEntries;
    this.chainEntries.push(entry);
    open.push(entry);
    return (end) => {
      entry.end = end;
      open.splice(open.indexOf(entry));
    };
  }

  identify(caller: CallerIdentity): void {
    this.caller = caller;
  }

  onBodyChunk(chunk: Buffer): void {
    const refusal = this.body?.onChunk(chunk);
    if (refusal !== undefined) this.#conductor.onRefusedBody(this, refusal);
  }

  onBodyEnd(): void {
    this.body?.onEnd();
  }

  onBodyFailed(cause: 'timeout' | 'malformed', detail: string): void {
    const refusal = this.body?.onFailed(cause, detail) ?? new Refusal('body_invalid', { detail });
    this.#conductor.onRefusedBody(this, refusal);
  }

  onDrain(): void {
    this.running?.resume();
  }

  onClose(complete: boolean): void {
    this.#conductor.onClose(this, complete);
  }
}

const NO_HEADERS = new HeaderList();
