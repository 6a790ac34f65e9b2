import type { AddressInfo } from 'node:net';
import type { ClientCertificate } from '#core/message';

/** One request on a connection, and the means to answer it. What an HTTP engine gives to the data plane; nothing else of HTTP/1.1 shows. */
export interface HttpCall {
  readonly method: string;
  /** The request target as sent. */
  readonly url: string;
  /** Flat `[name, value, …]` as sent. */
  readonly rawHeaders: readonly string[];
  /** 0 for HTTP/1.0, 1 for HTTP/1.1. */
  readonly minorVersion: number;
  readonly remoteAddress: string;
  readonly encrypted: boolean;
  /** What the client showed in the handshake; undefined: nothing, or it was not asked for it. */
  readonly clientCertificate: ClientCertificate | undefined;
  /** The name that the client asked for in the handshake (SNI); undefined: none. */
  readonly serverName: string | undefined;
  /** Who hears of what happens; set once, before the receiver returns. */
  listener: CallListener | undefined;

  /** Lets the body flow to the listener (and sends 100 Continue when it was asked for). Without it the body stays where it is. */
  readBody(): void;
  pauseBody(): void;
  resumeBody(): void;
  /** Answers in one piece: head and small body in one write. */
  send(status: number, headers: string[], body: string | Uint8Array | undefined): void;
  /** Begins an answer that streams. `flush`: the head goes out now; else with the first chunk, which follows at once. */
  start(status: number, headers: string[], flush: boolean): void;
  /** False: wait for `onDrain`. */
  write(chunk: Uint8Array): boolean;
  end(): void;
  /** The answer to come is the last of its connection: what follows it may not be what it seems. */
  closeAfterwards(): void;
  /** Breaks the connection, so that the client cannot take half an answer for a whole one. */
  destroy(): void;
}

/** What a call tells while it lasts. */
export interface CallListener {
  onBodyChunk(chunk: Buffer): void;
  onBodyEnd(): void;
  /** The body did not come in time or is malformed. The connection is closed after the answer. */
  onBodyFailed(cause: 'timeout' | 'malformed', detail: string): void;
  onDrain(): void;
  /** The last event. `complete`: the whole answer was handed to the system; false: the client is gone. */
  onClose(complete: boolean): void;
}

/** Something that could not even be read as a request. */
export interface UnreadableRequest {
  readonly cause: 'parse' | 'header_too_large' | 'timeout' | 'connect';
  readonly detail: string;
  readonly remoteAddress: string;
}

/** A whole answer, ready to be written. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
}

/** What an engine hands its findings to. */
export interface HttpReceiver {
  receive(call: HttpCall): void;
  /** Gives the answer for a request that is none; the connection is closed after it. */
  refuseUnreadable(request: UnreadableRequest): WholeAnswer;
}

/** A listening engine. */
export interface HttpFront {
  listen(): Promise<AddressInfo>;
  /** Takes no more connections, says `Connection: close` on every answer, resolves when the last exchange is done. */
  drain(): Promise<void>;
  /** Breaks what is left. */
  close(): Promise<void>;
  readonly connections: number;
}

/** Bounds and addresses of a front; the names are those of the `gateway` settings. Times in ms, sizes in bytes. */
export interface FrontOptions {
  readonly host: string;
  readonly port: number;
  readonly headerLimitBytes: number;
  readonly headTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly maxConnections: number;
  /** 0: any. */
  readonly connectionsPerAddress: number;
  /** Empty: plain HTTP. */
  readonly certFile: string;
  readonly keyFile: string;
  /** True: clients are asked for certificates, and may have none. */
  readonly clientCertificates?: boolean | undefined;
  /** PEM bundle of the authorities that are believed for them; empty or left out: none. */
  readonly clientCaFile?: string | undefined;
  /** Further certificates, chosen by SNI. */
  readonly certificates: readonly { readonly certFile: string; readonly keyFile: string }[];
}
