import type { LookupAddress } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { type EgressAnswer, EgressError, type EgressRequest } from '#core/egress';

/** Where a call may go, and until when. */
export interface SendTo {
  /** The addresses that were checked: the connection goes to one of these, whatever the name stands for by now. */
  readonly addresses: readonly LookupAddress[];
  readonly signal: AbortSignal;
}

const HEADER_LIMIT_BYTES = 16_384;

/** Makes one call, without redirects, on a connection of its own. @throws EgressError */
export async function send(
  url: URL,
  request: EgressRequest,
  { addresses, signal }: SendTo,
): Promise<Omit<EgressAnswer, 'finalUrl'>> {
  const answer = await ask(url, request, { addresses, signal });
  const body = await readBody(url, answer, request.limitBytes).catch((error: unknown) => {
    answer.destroy();
    throw error instanceof EgressError ? error : failureOf(url, error);
  });
  return { status: answer.statusCode ?? 0, headers: headersOf(answer), body };
}

function ask(url: URL, request: EgressRequest, { addresses, signal }: SendTo): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const call = (url.protocol === 'https:' ? https : http).request({
    method: request.method ?? 'GET',
    host,
    // A name without its trailing dot is what certificates are made for.
    ...(isIP(host) === 0 && { servername: host.replace(/\.$/, '') }),
    port: url.port === '' ? undefined : url.port,
    path: `${url.pathname}${url.search}`,
    headers: {
      'user-agent': 'Gatewright',
      accept: '*/*',
      ...request.headers,
      host: url.host,
      'accept-encoding': 'gzip, identity',
    },
    lookup: pinned(addresses),
    agent: false,
    maxHeaderSize: HEADER_LIMIT_BYTES,
    signal,
  });
  call.once('response', resolve);
  call.once('error', (error) => reject(failureOf(url, error)));
  call.end(request.body);
  return promise;
}

/** A resolver that knows only what was checked. */
function pinned(addresses: readonly LookupAddress[]): LookupFunction {
  return (_, options, done) => {
    const [first] = addresses;
    if (options.all === true) done(null, [...addresses]);
    else done(null, first?.address ?? '', first?.family);
  };
}

/** The body, decompressed; what is larger than the limit is refused as soon as that is known, compressed or not. */
async function readBody(url: URL, answer: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const tooLarge = () =>
    new EgressError('answer_too_large', `The answer of ${url.host} is larger than ${sizeInWords(limitBytes)}.`);
  if (Number(answer.headers['content-length'] ?? 0) > limitBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of decoded(url, answer)) {
    length += chunk.length;
    if (length > limitBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function decoded(url: URL, answer: IncomingMessage): Readable {
  const coding = (answer.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (coding === 'identity' || coding === '') return answer;
  const decoder = decoderOf(coding);
  if (decoder === undefined)
    throw new EgressError('answer_unreadable', `The answer of ${url.host} is encoded as ${coding.slice(0, 40)}.`);
  answer.once('error', (error) => decoder.destroy(error));
  return answer.pipe(decoder);
}

/** What undoes a content coding; undefined for one that is not known. */
export function decoderOf(coding: string): ReturnType<typeof createGunzip> | undefined {
  if (coding === 'gzip' || coding === 'x-gzip') return createGunzip();
  if (coding === 'deflate') return createInflate();
  if (coding === 'br') return createBrotliDecompress();
  return undefined;
}

function headersOf(answer: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(answer.headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')]),
  );
}

function failureOf(url: URL, error: unknown): EgressError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const cause = { cause: error };
  if (code === 'ECONNREFUSED')
    return new EgressError('connection_refused', `${url.host} refused the connection: nothing listens there.`, cause);
  if (/CERT|SSL|TLS|EPROTO|SELF_SIGNED|UNABLE_TO/.test(code))
    return new EgressError('tls_failed', `The certificate or TLS of ${url.host} is not accepted: ${code}.`, cause);
  if (code.startsWith('Z_') || code.startsWith('ERR_BROTLI') || code.startsWith('HPE_'))
    return new EgressError('answer_unreadable', `The answer of ${url.host} cannot be read.`, cause);
  return new EgressError(
    'connection_failed',
    `The connection to ${url.host} failed${code === '' ? '' : `: ${code}`}.`,
    cause,
  );
}

function sizeInWords(bytes: number): string {
  return bytes >= 1_048_576 ? `${Math.floor(bytes / 1_048_576)} MB` : `${Math.floor(bytes / 1024)} KB`;
}
