import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ClientCertificate } from '#core/message';
import type { WatchedAuthorities } from './client-authorities.ts';
import { shownCertificate, shownServerName } from './client-handshake.ts';
import type { CallListener, HttpCall } from './engine.ts';

/** A connection knows the call that it carries, so that parser errors and time-outs find it. */
const CALL = Symbol('call');
interface CallSocket extends Socket {
  [CALL]?: NodeCall | undefined;
}

/** Bodies up to this size are copied behind the head into one write. */
const ONE_WRITE_LIMIT = 16_384;
/** An unread body is read away up to this size, so that the answer arrives; beyond it the connection is broken. */
const DISCARD_LIMIT = 8_388_608;

/** What all calls of a front share. */
export interface FrontState {
  readonly encrypted: boolean;
  readonly asksCertificates: boolean;
  /** Whose certificates are trusted, whatever node:tls says of their chain. */
  readonly authorities: WatchedAuthorities;
  /** True: every answer from now on is the last of its connection. */
  draining: boolean;
}

/** An exchange of node:http as an {@link HttpCall}. */
export class NodeCall implements HttpCall {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly minorVersion: number;
  readonly remoteAddress: string;
  readonly encrypted: boolean;
  listener: CallListener | undefined;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #socket: CallSocket;
  readonly #front: FrontState;
  readonly #expectsContinue: boolean;
  #reading = false;
  #bodyEnded = false;
  #answered = false;
  #waitsForDrain = false;

  constructor(request: IncomingMessage, response: ServerResponse, front: FrontState, expectsContinue: boolean) {
    this.method = request.method ?? 'GET';
    this.url = request.url ?? '/';
    this.rawHeaders = request.rawHeaders;
    this.minorVersion = request.httpVersionMinor;
    this.remoteAddress = request.socket.remoteAddress ?? '';
    this.encrypted = front.encrypted;
    this.listener = undefined;
    this.#request = request;
    this.#response = response;
    this.#socket = request.socket;
    this.#front = front;
    this.#expectsContinue = expectsContinue;
    this.#socket[CALL] = this;
    response.on('close', () => this.#close());
  }

  get clientCertificate(): ClientCertificate | undefined {
    return this.#front.asksCertificates ? shownCertificate(this.#socket, this.#front.authorities.present) : undefined;
  }

  get serverName(): string | undefined {
    return shownServerName(this.#socket);
  }

  readBody(): void {
    if (this.#reading) return;
    this.#reading = true;
    if (this.#expectsContinue && !this.#response.headersSent) this.#response.writeContinue();
    const request = this.#request;
    request.on('data', (chunk: Buffer) => this.listener?.onBodyChunk(chunk));
    request.on('end', () => {
      this.#bodyEnded = true;
      this.listener?.onBodyEnd();
    });
    // A broken connection is told by onClose; without a listener it would be thrown.
    request.on('error', () => {});
  }

  pauseBody(): void {
    this.#request.pause();
  }

  resumeBody(): void {
    this.#request.resume();
  }

  send(status: number, headers: string[], body: string | Uint8Array | undefined): void {
    this.#answered = true;
    const response = this.#response;
    if (this.#front.draining) response.shouldKeepAlive = false;
    response.writeHead(status, headers);
    if (body === undefined) response.end();
    else if (typeof body === 'string') response.end(body);
    else if (body.length > ONE_WRITE_LIMIT) response.end(body);
    else response.end(latin1(body), 'latin1');
    this.#discardBody();
  }

  start(status: number, headers: string[], flush: boolean): void {
    this.#answered = true;
    if (this.#front.draining) this.#response.shouldKeepAlive = false;
    this.#response.writeHead(status, headers);
    if (flush) this.#response.flushHeaders();
  }

  write(chunk: Uint8Array): boolean {
    const flows = this.#response.write(chunk);
    if (!flows && !this.#waitsForDrain) {
      this.#waitsForDrain = true;
      this.#response.on('drain', () => this.listener?.onDrain());
    }
    return flows;
  }

  end(): void {
    this.#response.end();
    this.#discardBody();
  }

  closeAfterwards(): void {
    this.#response.shouldKeepAlive = false;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The parser or the clock gave up on this request's body. */
  failBody(cause: 'timeout' | 'malformed', detail: string): void {
    if (this.#answered) {
      this.#socket.destroy();
      return;
    }
    this.#response.shouldKeepAlive = false;
    this.listener?.onBodyFailed(cause, detail);
  }

  #discardBody(): void {
    // node:http has destroyed the body of a request that has none (optimizeEmptyRequests).
    if (this.#request.destroyed) return;
    if (this.#bodyEnded || this.#request.complete) {
      if (!this.#reading) this.#request.resume();
      return;
    }
    let discarded = 0;
    this.#request.on('data', (chunk: Buffer) => {
      discarded += chunk.length;
      if (discarded > DISCARD_LIMIT) this.#socket.destroy();
    });
    this.#request.on('error', () => {});
    this.#request.resume();
  }

  #close(): void {
    if (this.#socket[CALL] === this) this.#socket[CALL] = undefined;
    const listener = this.listener;
    this.listener = undefined;
    listener?.onClose(this.#response.writableFinished);
  }
}

/** The call that a connection carries, if there is one. */
export function callOf(socket: object): NodeCall | undefined {
  return (socket as CallSocket)[CALL];
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
