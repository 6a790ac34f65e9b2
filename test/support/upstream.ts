import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a target saw of a request. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query, as they came over the wire. */
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A real target on loopback that answers with what it saw, and remembers it. */
export interface Upstream extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly seen: SeenRequest[];
}

/**
 * Starts a target. Without `answer` it gives 200 and the request as JSON.
 * @param answer handles a request itself; the request was read already
 */
export async function startUpstream(
  answer?: (seen: SeenRequest, response: ServerResponse, request: IncomingMessage) => void,
): Promise<Upstream> {
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const one: SeenRequest = {
      method: request.method ?? '',
      url: request.url ?? '',
      rawHeaders: request.rawHeaders,
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    if (seen.length < 100_000) seen.push(one);
    if (answer !== undefined) {
      answer(one, response, request);
      return;
    }
    const text = JSON.stringify({ method: one.method, url: one.url, headers: one.headers, body: one.body });
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
      .end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
