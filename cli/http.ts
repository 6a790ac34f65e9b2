import http from 'node:http';
import https from 'node:https';

/** One HTTP request. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Path of a Unix socket to connect to in place of the URL's host. */
  readonly socketPath?: string | undefined;
  /** Longest wait for the whole answer. */
  readonly timeoutMs: number;
}

/** Its answer, read whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The connection failed or no answer came in time. `code` as Node gives it (`ECONNREFUSED`), or `ETIMEDOUT`. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Largest answer that is read: what the command line asks for is far smaller. */
const ANSWER_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Sends a request and reads the answer.
 * @throws HttpFailure
 */
export function send({ method, url, headers, body, socketPath, timeoutMs }: HttpRequest): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const engine = url.protocol === 'https:' ? https : http;
  const request = engine.request(
    url,
    {
      method,
      agent: false,
      headers: { ...headers, ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }) },
      ...(socketPath !== undefined && { socketPath }),
      signal: AbortSignal.timeout(timeoutMs),
    },
    (answer) => {
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > ANSWER_LIMIT_BYTES) request.destroy(new HttpFailure('ETOOLARGE', 'The answer is too large.'));
        else chunks.push(chunk);
      });
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
      answer.on('error', (error) => reject(failureOf(error, timeoutMs)));
    },
  );
  request.on('error', (error) => reject(failureOf(error, timeoutMs)));
  request.end(body);
  return promise;
}

/** An answer whose body is read as it comes. */
export interface HttpStream {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: AsyncIterable<Buffer>;
}

/**
 * Sends a request and gives the answer as soon as its head is there; the body may be larger than memory. `timeoutMs` is the longest silence.
 * @throws HttpFailure, also while the body is read: when it ends too soon, too
 */
export async function openStream({ method, url, headers, socketPath, timeoutMs }: HttpRequest): Promise<HttpStream> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const engine = url.protocol === 'https:' ? https : http;
  const request = engine.request(
    url,
    {
      method,
      agent: false,
      headers: { ...headers },
      timeout: timeoutMs,
      ...(socketPath !== undefined && { socketPath }),
    },
    resolve,
  );
  request.on('timeout', () =>
    request.destroy(new HttpFailure('ETIMEDOUT', `There was silence for ${timeoutMs / 1000} s.`)),
  );
  request.on('error', (error) => reject(failureOf(error, timeoutMs)));
  request.end();
  const answer = await promise;
  const read = async function* () {
    try {
      for await (const chunk of answer) yield chunk as Buffer;
    } catch (error) {
      throw failureOf(error instanceof Error ? error : new Error('unknown error'), timeoutMs);
    } finally {
      request.destroy();
    }
  };
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: read() };
}

function failureOf(error: Error & { code?: unknown }, timeoutMs: number): HttpFailure {
  if (error instanceof HttpFailure) return error;
  if (error.name === 'AbortError' || error.name === 'TimeoutError') {
    return new HttpFailure('ETIMEDOUT', `There was no answer within ${timeoutMs / 1000} s.`, error);
  }
  return new HttpFailure(typeof error.code === 'string' ? error.code : 'EUNKNOWN', error.message, error);
}
