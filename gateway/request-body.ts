import { Readable } from 'node:stream';
import { Refusal } from '#core/errors';
import type { HttpCall } from './http/engine.ts';

/** Bytes of bodies that may be held in memory at a time, over all exchanges of a worker. */
export interface BufferBudget {
  /** False: there is no room. */
  take(bytes: number): boolean;
  give(bytes: number): void;
  readonly held: number;
}

export function createBufferBudget(limitBytes: number): BufferBudget {
  let held = 0;
  return {
    take(bytes) {
      if (held + bytes > limitBytes) return false;
      held += bytes;
      return true;
    },
    give(bytes) {
      held -= bytes;
    },
    get held() {
      return held;
    },
  };
}

/** Bounds of request bodies. */
export interface BodyBounds {
  /** Largest body that is passed on, in bytes; 0: any. */
  readonly limitBytes: number;
  readonly timeoutMs: number;
  readonly budget: BufferBudget;
}

/**
 * The body of one request: left with the client until somebody wants it, then either gathered (a policy reads it, or it is small) or
 * streamed to the target with backpressure. Made only for requests that have a body.
 */
export class RequestBody {
  /** Bytes that have come. */
  received = 0;
  readonly #call: HttpCall;
  /** undefined: chunked. */
  readonly #length: number | undefined;
  readonly #bounds: BodyBounds;
  #state: 'waiting' | 'gathering' | 'streaming' | 'gathered' | 'failed' = 'waiting';
  #chunks: Buffer[] = [];
  #bytes: Buffer | undefined;
  #limitBytes = 0;
  #held = 0;
  #promise: Promise<Buffer> | undefined;
  #resolve: ((body: Buffer) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;
  #stream: Readable | undefined;
  #failure: Refusal | undefined;

  constructor(call: HttpCall, length: number | undefined, bounds: BodyBounds) {
    this.#call = call;
    this.#length = length;
    this.#bounds = bounds;
  }

  /** The gathered (or replaced) body; undefined while it is not. */
  get bytes(): Buffer | undefined {
    return this.#bytes;
  }

  /** True when it is worth gathering it to send head and body in one write. */
  isAtMost(bytes: number): boolean {
    return this.#length !== undefined && this.#length <= bytes;
  }

  /** @throws Refusal `body_too_large`, `request_timeout`, `body_invalid`, `gateway_busy`, `client_gone` (as rejection) */
  read(limitBytes: number): Promise<Buffer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if ((this.#length ?? this.#bytes?.length ?? 0) > limitBytes)
      return Promise.reject(tooLarge(limitBytes, this.#length));
    if (this.#promise !== undefined) return this.#promise;
    if (this.#state !== 'waiting') return Promise.reject(new Error('The body is on its way to the target already.'));
    this.#state = 'gathering';
    this.#limitBytes = limitBytes;
    this.#promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#call.readBody();
    return this.#promise;
  }

  /** Replaces a gathered body. */
  replace(body: Buffer): void {
    if (this.#state !== 'gathered') throw new Error('Read the body before replacing it.');
    this.#bytes = body;
  }

  /** The body as a stream for the target; once. */
  stream(): Readable {
    const stream = new Readable({ read: () => this.#call.resumeBody() });
    stream.on('error', () => {}); // told to the target's handler; without a listener it would be thrown
    this.#stream = stream;
    this.#state = 'streaming';
    this.#call.readBody();
    return stream;
  }

  /** Gives a refusal when the body outgrows what may be passed on. */
  onChunk(chunk: Buffer): Refusal | undefined {
    this.received += chunk.length;
    if (this.#state === 'gathering') {
      if (this.received > this.#limitBytes) this.#fail(tooLarge(this.#limitBytes, undefined));
      else if (!this.#bounds.budget.take(chunk.length))
        this.#fail(new Refusal('gateway_busy', { what: 'bodies', limit: this.#bounds.budget.held }));
      else {
        this.#held += chunk.length;
        this.#chunks.push(chunk);
      }
    } else if (this.#state === 'streaming' && this.#stream?.destroyed === false) {
      if (this.#bounds.limitBytes > 0 && this.received > this.#bounds.limitBytes) {
        const refusal = tooLarge(this.#bounds.limitBytes, undefined);
        this.#fail(refusal);
        return refusal;
      }
      if (!this.#stream.push(chunk)) this.#call.pauseBody();
    }
    return undefined;
  }

  onEnd(): void {
    if (this.#state === 'gathering') {
      this.#state = 'gathered';
      this.#bytes =
        this.#chunks.length === 1 && this.#chunks[0] !== undefined ? this.#chunks[0] : Buffer.concat(this.#chunks);
      this.#chunks = [];
      this.#resolve?.(this.#bytes);
    } else if (this.#state === 'streaming') this.#stream?.push(null);
  }

  onFailed(cause: 'timeout' | 'malformed' | 'gone', detail: string): Refusal {
    const refusal =
      cause === 'timeout'
        ? new Refusal('request_timeout', { limitMs: this.#bounds.timeoutMs, part: 'body' })
        : cause === 'malformed'
          ? new Refusal('body_invalid', { detail })
          : new Refusal('client_gone', { part: 'request' });
    this.#fail(refusal);
    return refusal;
  }

  /** Gives the memory back. */
  release(): void {
    this.#bounds.budget.give(this.#held);
    this.#held = 0;
  }

  #fail(refusal: Refusal): void {
    this.#failure = refusal;
    const wasOpen = this.#state !== 'gathered';
    if (wasOpen) this.#state = 'failed';
    this.#chunks = [];
    this.#stream?.destroy(refusal);
    this.#promise?.catch(() => {}); // whoever waits hears of it; nobody may be waiting any more
    this.#reject?.(refusal);
  }
}

function tooLarge(limitBytes: number, length: number | undefined): Refusal {
  return new Refusal('body_too_large', { limitBytes, ...(length !== undefined && { length }) });
}
