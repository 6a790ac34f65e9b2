import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '#core/logger';
import { openCertificates } from './certificates.ts';
import { watchClientAuthorities } from './client-authorities.ts';
import type { FrontOptions, HttpFront, HttpReceiver, UnreadableRequest } from './engine.ts';
import { callOf, type FrontState, NodeCall } from './node-call.ts';

const IDLE_GRACE_MS = 1000;

/** The front on node:http: parses, bounds heads, bodies and connections in size, number and time, and hands calls to the receiver. */
export function createNodeFront(options: FrontOptions, receiver: HttpReceiver, logger: Logger): HttpFront {
  const encrypted = options.certFile !== '';
  const asksCertificates = encrypted && options.clientCertificates === true;
  const authorities = watchClientAuthorities(asksCertificates ? (options.clientCaFile ?? '') : '', logger);
  const certificates = encrypted ? openCertificates(options, authorities, logger) : undefined;
  const server: Server =
    certificates === undefined
      ? createServer(serverOptions(options))
      : createTlsServer({
          ...serverOptions(options),
          ...certificates.serverOptions,
          handshakeTimeout: options.headTimeoutMs || 15_000,
        });
  certificates?.watch((context) => {
    if ('setSecureContext' in server && typeof server.setSecureContext === 'function') server.setSecureContext(context);
  });
  const state: FrontState = {
    encrypted,
    asksCertificates,
    authorities,
    draining: false,
  };
  server.maxHeadersCount = 0; // node drops fields beyond it in silence; the receiver counts them
  server.maxConnections = options.maxConnections;
  server.keepAliveTimeout = options.keepAliveTimeoutMs;

  const receive = (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void => {
    receiver.receive(new NodeCall(request, response, state, expectsContinue));
  };
  server.on('request', (request, response) => receive(request, response, false));
  server.on('checkContinue', (request, response) => receive(request, response, true));
  server.on('checkExpectation', (request, response) => receive(request, response, false));
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    refuse(receiver, socket, {
      cause: 'connect',
      detail: 'CONNECT',
      remoteAddress: request.socket.remoteAddress ?? '',
    });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) =>
    handleClientError(receiver, error, socket),
  );
  if (encrypted) server.on('tlsClientError', (_, socket: Duplex) => socket.destroy());
  if (options.connectionsPerAddress > 0) limitPerAddress(server, options.connectionsPerAddress, encrypted);

  let connections = 0;
  server.on(encrypted ? 'secureConnection' : 'connection', (socket: Socket) => {
    connections += 1;
    socket.once('close', () => {
      connections -= 1;
    });
  });
  return {
    listen: () => listen(server, options),
    drain: () => {
      state.draining = true;
      return drain(server);
    },
    close: async () => {
      certificates?.close();
      authorities.close();
      server.close();
      server.closeAllConnections();
    },
    get connections() {
      return connections;
    },
  };
}

function serverOptions(options: FrontOptions): ServerOptions {
  const shortest = Math.min(...[options.headTimeoutMs, options.bodyTimeoutMs].filter((ms) => ms > 0), 10_000);
  return {
    optimizeEmptyRequests: true,
    insecureHTTPParser: false,
    requireHostHeader: false, // the receiver checks it, to answer with a problem document
    maxHeaderSize: options.headerLimitBytes,
    keepAliveTimeout: options.keepAliveTimeoutMs,
    requestTimeout: options.bodyTimeoutMs,
    headersTimeout:
      options.bodyTimeoutMs > 0 ? Math.min(options.headTimeoutMs, options.bodyTimeoutMs) : options.headTimeoutMs,
    connectionsCheckingInterval: Math.max(100, Math.min(1000, shortest / 4)),
    noDelay: true,
  };
}

function listen(server: Server, options: FrontOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('The gateway has no address.'));
      else resolve(address);
    });
  });
}

/**
 * Idle connections get a while: most will send a request, hear `Connection: close` and come back elsewhere, while one that is closed under
 * a request that is on its way loses it. (http.Server.close breaks them at once, hence net's.)
 */
function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), IDLE_GRACE_MS);
    NetServer.prototype.close.call(server, () => {
      clearInterval(sweep);
      resolve();
    });
  });
}

function handleClientError(receiver: HttpReceiver, error: NodeJS.ErrnoException, socket: Duplex): void {
  const code = error.code ?? '';
  if (code === 'ECONNRESET' || code === 'EPIPE' || !socket.writable) {
    socket.destroy();
    return;
  }
  const call = callOf(socket);
  if (call !== undefined) {
    call.failBody(code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'timeout' : 'malformed', code);
    return;
  }
  const remoteAddress = 'remoteAddress' in socket ? String(socket.remoteAddress ?? '') : '';
  refuse(receiver, socket, { cause: causeOf(code), detail: code, remoteAddress });
}

function causeOf(code: string): UnreadableRequest['cause'] {
  if (code === 'HPE_HEADER_OVERFLOW') return 'header_too_large';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'timeout';
  return 'parse';
}

/** Writes an answer where node:http has no response object: the head could not be read. */
function refuse(receiver: HttpReceiver, socket: Duplex, request: UnreadableRequest): void {
  const { status, headers, body } = receiver.refuseUnreadable(request);
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\n`;
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  socket.on('error', () => {});
  socket.end(`${head}Connection: close\r\n\r\n${body}`);
}

function limitPerAddress(server: Server, limit: number, encrypted: boolean): void {
  const counts = new Map<string, number>();
  server.on(encrypted ? 'secureConnection' : 'connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (counts.get(address) ?? 0) + 1;
    counts.set(address, count);
    socket.once('close', () => {
      const left = (counts.get(address) ?? 1) - 1;
      if (left === 0) counts.delete(address);
      else counts.set(address, left);
    });
    if (count > limit) socket.destroy();
  });
}
