import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from './cli-error.ts';
import { type HttpAnswer, HttpFailure, type HttpRequest, openStream, send } from './http.ts';
import { problemError, unreachableError } from './problem-error.ts';
import type { ServerPlace } from './server-place.ts';

/** What a request may carry. */
export interface ApiOptions {
  /** Query parameters; those that are undefined are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** Revision for If-Match; `*`: whatever it is now. */
  readonly revision?: number | '*' | undefined;
  readonly timeoutMs?: number;
}

/** A page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
  readonly total?: number;
}

/**
 * The management API. Paths stand behind `/api/v1` and come from {@link at}, so that what is put into them is encoded.
 * Every method throws CliError with the exit code of the refusal, or `unreachable`.
 */
export interface Api {
  readonly place: ServerPlace;
  get<Body>(path: string, query?: ApiOptions['query']): Promise<Body>;
  /** undefined when there is no such thing. */
  find<Body>(path: string, query?: ApiOptions['query']): Promise<Body | undefined>;
  /** All items of a list that is never long and so has no pages: gateways, policy types. */
  items<Item>(path: string): Promise<readonly Item[]>;
  /** All items of a list, page by page. */
  list<Item>(path: string, query?: ApiOptions['query']): Promise<Item[]>;
  post<Body>(path: string, body?: unknown, query?: ApiOptions['query']): Promise<Body>;
  patch<Body>(path: string, body: unknown, revision: number | '*'): Promise<Body>;
  put<Body>(path: string, body: unknown, revision: number | '*'): Promise<Body>;
  delete(path: string, revision: number | '*' | undefined): Promise<void>;
  /** A body of any length, as it comes. */
  stream(path: string, query?: ApiOptions['query']): Promise<AsyncIterable<Buffer>>;
}

const TIMEOUT_MS = 30_000;
const PAGE = 200;
/** How often a call is made that is told to come more slowly. */
const TRIES = 5;

/** A path with its values encoded: ``at`/projects/${name}` ``. */
export function at(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return parts.reduce((path, part, i) => path + encodeURIComponent(values[i - 1] ?? '') + part);
}

export function createApi(place: ServerPlace): Api {
  const call = async (method: string, path: string, options: ApiOptions = {}): Promise<HttpAnswer> => {
    for (let tries = 1; ; tries += 1) {
      const answer = await callOnce(method, path, options);
      if (answer.status !== 429 || tries === TRIES) return answer;
      // The limit a second is soon over; a folder of YAML may be many calls.
      await sleep(Math.min(5, Number(answer.headers['retry-after'] ?? 1) || 1) * 1000);
    }
  };
  const requestFor = (method: string, path: string, options: ApiOptions): HttpRequest => {
    const url = new URL(`/api/v1${path}`, place.kind === 'url' ? place.url : 'http://localhost');
    for (const [name, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined && value !== '') url.searchParams.set(name, String(value));
    }
    const isToken = place.kind === 'url' && place.token !== undefined;
    return {
      method,
      url,
      headers: {
        accept: 'application/json',
        ...(isToken && { authorization: `Bearer ${place.token}` }),
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
        ...(options.revision !== undefined && {
          'if-match': options.revision === '*' ? '*' : `"${options.revision}"`,
        }),
      },
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      socketPath: place.kind === 'socket' ? place.socketPath : undefined,
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    };
  };
  const unreachable = (error: unknown) => (error instanceof HttpFailure ? unreachableError(place, error) : error);
  const callOnce = async (method: string, path: string, options: ApiOptions): Promise<HttpAnswer> => {
    try {
      return await send(requestFor(method, path, options));
    } catch (error) {
      throw unreachable(error);
    }
  };
  const stream = async function* (body: AsyncIterable<Buffer>) {
    try {
      yield* body;
    } catch (error) {
      throw unreachable(error);
    }
  };
  const read = async <Body>(method: string, path: string, options?: ApiOptions): Promise<Body> => {
    const answer = await call(method, path, options);
    if (answer.status >= 400) throw problemError(answer, place);
    return parseBody<Body>(answer);
  };

  return {
    place,
    get: (path, query) => read('GET', path, query && { query }),
    async find<Body>(path: string, query?: ApiOptions['query']) {
      const answer = await call('GET', path, query && { query });
      if (answer.status === 404) return undefined;
      if (answer.status >= 400) throw problemError(answer, place);
      return parseBody<Body>(answer);
    },
    async items<Item>(path: string) {
      const page: Page<Item> = await read('GET', path);
      return page.items;
    },
    async list<Item>(path: string, query: ApiOptions['query'] = {}) {
      const items: Item[] = [];
      let cursor: string | undefined;
      do {
        const page: Page<Item> = await read('GET', path, { query: { limit: PAGE, ...query, cursor } });
        items.push(...page.items);
        cursor = page.next;
      } while (cursor !== undefined);
      return items;
    },
    post: (path, body = {}, query = {}) => read('POST', path, { body, query }),
    patch: (path, body, revision) => read('PATCH', path, { body, revision }),
    put: (path, body, revision) => read('PUT', path, { body, revision }),
    async delete(path, revision) {
      await read('DELETE', path, { revision });
    },
    async stream(path, query) {
      const answer = await openStream(requestFor('GET', path, { ...(query && { query }) })).catch((error: unknown) => {
        throw unreachable(error);
      });
      if (answer.status < 400) return stream(answer.body);
      const body = Buffer.concat(await Array.fromAsync(stream(answer.body)));
      throw problemError({ ...answer, body }, place);
    },
  };
}

/** The answer as its contract says it is; the API and this client are of one version or say so in their contract. */
function parseBody<Body>(answer: HttpAnswer): Body {
  if (answer.body.length === 0) return undefined as Body;
  try {
    return JSON.parse(answer.body.toString('utf8')) as Body;
  } catch (error) {
    throw new CliError('The server answered something that is not JSON. Is it a Gatewright manager?', {
      code: 'bad_answer',
      status: answer.status,
      cause: error,
    });
  }
}
