import type { Dispatcher } from 'undici';
import { Refusal } from '#core/errors';
import type { TargetCall } from '#core/model/exchange-record';
import { type RawFields, readAnswerHead } from '../answer-head.ts';
import type { Exchange, RunningCall } from '../exchange.ts';
import { breakOff, passChunk, passEnd } from '../respond.ts';
import type { ConnectTimes } from './connecting.ts';
import { classifyFailure, type Failure, refusalOfFailure } from './failure.ts';
import type { ServedTarget } from './target.ts';
import { markFailing, markWorking, type Upstream } from './upstream.ts';

/** Most calls that wait for a connection to one server, beyond those that have one. */
const WAITING_LIMIT = 1024;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A call to a target with its tries: the handler that undici tells what happens. */
export class UpstreamCall implements Dispatcher.DispatchHandler, RunningCall {
  readonly #exchange: Exchange;
  readonly #target: ServedTarget;
  readonly #body: Buffer | 'stream' | undefined;
  #upstream: Upstream | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #tries = 0;
  #startedAt = 0;
  #firstByteMs = 0;
  #connection: ConnectTimes | undefined;
  #status: number | undefined;
  /** The head of an answer came. */
  #answered = false;
  /** What came before the response policies had settled the head. */
  #early: Buffer[] | undefined;
  #endedEarly = false;
  /** Nothing more is to be heard of it. */
  #over = false;

  constructor(exchange: Exchange, target: ServedTarget) {
    this.#exchange = exchange;
    this.#target = target;
    const bytes = exchange.body?.bytes;
    this.#body = exchange.body === undefined ? undefined : bytes === undefined ? 'stream' : bytes;
  }

  /** Makes a try. */
  start(): void {
    const exchange = this.#exchange;
    const { deps, balance, settings } = this.#target;
    const now = deps.clock.monotonic();
    const upstream = balance.choose((each) => each.skipUntil <= now, this.#upstream);
    this.#upstream = upstream;
    exchange.running = this;
    if (upstream.running >= settings.maxConnections + WAITING_LIMIT) {
      this.#over = true;
      exchange.running = undefined;
      deps.conduct.refuse(
        exchange,
        new Refusal('gateway_busy', { what: `connections to ${settings.name}`, limit: settings.maxConnections }),
      );
      return;
    }
    if (this.#tries === 0) this.#startedAt = now;
    this.#tries += 1;
    this.#controller = undefined;
    upstream.running += 1;
    const path = upstream.basePath + exchange.targetPath || '/';
    const body = this.#body === 'stream' ? exchange.body?.stream() : this.#body;
    upstream.pool.dispatch(
      {
        path: exchange.query === '' ? path : `${path}?${exchange.query}`,
        method: exchange.method,
        headers: exchange.headers.raw,
        body: body ?? null,
      },
      this,
    );
  }

  pause(): void {
    this.#controller?.pause();
  }

  /** Goes on; first with what came although it was told to pause (a target that closes sends its rest at once). */
  resume(): void {
    const early = this.#early;
    this.#early = undefined;
    for (const chunk of early ?? []) if (!this.#over) passChunk(this.#exchange, chunk);
    if (this.#endedEarly) this.#end();
    else this.#controller?.resume();
  }

  cancel(): void {
    if (this.#over) return;
    this.#finish();
    this.#controller?.abort(new Error('the client needs no answer any more'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#connection = this.#upstream?.takeConnectTimes();
    // Cancelled while it waited for a connection.
    if (this.#over) controller.abort(new Error('the client needs no answer any more'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (this.#over || status < 200) return;
    const { clock, conduct } = this.#target.deps;
    this.#answered = true;
    this.#firstByteMs = clock.monotonic() - this.#startedAt;
    if (this.#upstream !== undefined) markWorking(this.#upstream);
    this.#status = status;
    this.#note('answered', status, undefined);
    const head = readAnswerHead((controller.rawHeaders ?? []) as RawFields, status);
    try {
      conduct.answerFromTarget(this.#exchange, status, head);
    } catch (error) {
      conduct.crash(this.#exchange, error);
    }
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    if (this.#exchange.committed && this.#early === undefined) passChunk(this.#exchange, chunk);
    else {
      this.#early ??= [];
      this.#early.push(chunk);
    }
  }

  onResponseEnd(): void {
    if (this.#over) return;
    if (this.#exchange.committed && this.#early === undefined) this.#end();
    else this.#endedEarly = true;
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#over) return;
    const { deps, settings } = this.#target;
    const connected = this.#controller !== undefined;
    const failure = classifyFailure(error, connected);
    if (!connected && this.#upstream !== undefined && failure.kind !== 'bad_request')
      markFailing(this.#upstream, deps.clock.monotonic());
    if (this.#mayRetry(failure, connected)) {
      if (this.#upstream !== undefined) this.#upstream.running -= 1;
      this.start();
      return;
    }
    this.#finish();
    this.#exchange.running = undefined;
    this.#note('failed', this.#status, failure.detail);
    const refusal = refusalOfFailure(failure, {
      target: settings.name,
      address: this.#upstream?.address ?? '',
      tries: this.#tries,
      limits: { connect: settings.connectTimeoutMs, head: settings.timeoutMs, body: settings.idleTimeoutMs },
    });
    if (this.#exchange.committed && this.#exchange.heldHeaders === undefined) breakOff(this.#exchange, refusal);
    else deps.conduct.refuse(this.#exchange, refusal);
  }

  /** Only what the target cannot have acted on, or may see twice, and never a body that is gone. */
  #mayRetry(failure: Failure, connected: boolean): boolean {
    if (this.#answered || this.#body !== undefined || this.#tries > this.#target.settings.retries) return false;
    if (failure.kind === 'bad_request' || failure.kind === 'tls') return false;
    if (!connected) return true;
    return failure.kind === 'closed' && SAFE_METHODS.has(this.#exchange.method);
  }

  #end(): void {
    if (this.#over) return;
    this.#finish();
    this.#exchange.running = undefined;
    passEnd(this.#exchange);
  }

  #finish(): void {
    this.#over = true;
    this.#exchange.targetMs += this.#target.deps.clock.monotonic() - this.#startedAt;
    if (this.#upstream !== undefined) this.#upstream.running -= 1;
  }

  #note(outcome: TargetCall['outcome'], status: number | undefined, error: string | undefined): void {
    const call: TargetCall = {
      target: this.#target.settings.name,
      url: this.#upstream?.address ?? '',
      outcome,
      tries: this.#tries,
    };
    if (status !== undefined) call.status = status;
    if (this.#connection !== undefined) call.connection = this.#connection;
    if (this.#answered) call.firstByteMs = Math.round(this.#firstByteMs * 1000) / 1000;
    if (error !== undefined) call.error = error;
    this.#exchange.call = call;
  }
}
