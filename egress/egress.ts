import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import { type Egress, type EgressAnswer, EgressError, type EgressRequest } from '#core/egress';
import type { Logger } from '#core/logger';
import { type AllowList, type OwnPorts, plainAddress, refusalOf } from './destination.ts';
import { send } from './send.ts';

/** Finds every address of a host name. */
export type Lookup = (host: string) => Promise<readonly LookupAddress[]>;

/** What the way out is made of. */
export interface EgressParts {
  readonly allow: AllowList;
  readonly ownPorts: OwnPorts;
  readonly logger: Logger;
  /** Default: the system's resolver. */
  readonly lookup?: Lookup;
}

const MOST_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Makes the way out (decision 25). */
export function createEgress({ allow, ownPorts, logger, lookup = lookupAll }: EgressParts): Egress {
  /** The addresses of a host, every one of them allowed. `shown`: what it is called in a refusal. @throws EgressError */
  async function resolve(host: string, port: number, shown: string): Promise<readonly LookupAddress[]> {
    const found = await find(host, lookup);
    for (const { address } of found) {
      const refused = refusalOf({ host, address: plainAddress(address), port }, allow, ownPorts);
      if (refused !== undefined)
        throw new EgressError(
          'destination_not_allowed',
          `${shown} may not be called: ${plainAddress(address)} is ${refused}. An administrator can allow it with outbound.allow (GATEWRIGHT_OUTBOUND_ALLOW).`,
        );
    }
    return found;
  }

  async function follow(first: URL, request: EgressRequest, signal: AbortSignal): Promise<EgressAnswer> {
    let url = first;
    for (let redirects = 0; ; redirects += 1) {
      const addresses = await untilAborted(resolve(hostOf(url), portOf(url), url.host), signal);
      const answer = await send(url, request, { addresses, signal });
      const { location } = answer.headers;
      if (!REDIRECTS.has(answer.status) || location === undefined) return { ...answer, finalUrl: url.href };
      url = nextUrl(url, location, request);
      if (redirects === MOST_REDIRECTS)
        throw new EgressError('redirect_not_allowed', `${first.host} redirects more than ${MOST_REDIRECTS} times.`);
    }
  }

  return {
    resolve: (host, port) => resolve(host.replace(/\.$/, '').toLowerCase(), port, `${host}:${port}`),
    async fetch(text, request) {
      const url = parseUrl(text);
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(timedOut(url, request)), request.timeoutMs);
      try {
        return await follow(url, request, limit.signal);
      } catch (error) {
        const failure = limit.signal.aborted ? timedOut(url, request) : error;
        if (failure instanceof EgressError)
          logger.info(
            { purpose: request.purpose, host: url.host, reason: failure.reason },
            'A call to the outside failed.',
          );
        throw failure;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** @throws EgressError `url_invalid` */
function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined)
    throw new EgressError('url_invalid', 'This is no URL. Write for example https://example.com/file.');
  checkUrl(url);
  return url;
}

function checkUrl(url: URL): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new EgressError(
      'url_invalid',
      `Only http and https URLs can be called; this one begins with ${url.protocol}`,
    );
  if (url.username !== '' || url.password !== '')
    throw new EgressError('url_invalid', 'The URL has a user name or password in it. Leave them out.');
}

/** Where a redirect leads, when it may be followed. @throws EgressError */
function nextUrl(from: URL, location: string, request: EgressRequest): URL {
  if (request.method !== undefined && request.method !== 'GET' && request.method !== 'HEAD')
    throw new EgressError('redirect_not_allowed', `${from.host} answers a ${request.method} with a redirect.`);
  if (!URL.canParse(location, from)) throw new EgressError('redirect_not_allowed', `${from.host} redirects to no URL.`);
  const to = new URL(location, from);
  checkUrl(to);
  const isUpgrade = from.protocol === 'http:' && to.protocol === 'https:' && from.port === '' && to.port === '';
  if (hostOf(to) !== hostOf(from) || !(isUpgrade || (to.protocol === from.protocol && to.port === from.port)))
    throw new EgressError(
      'redirect_not_allowed',
      `${from.host} redirects to ${to.protocol}//${to.host}. Redirects to another host are not followed; give the URL that it leads to.`,
    );
  return to;
}

async function find(host: string, lookup: Lookup): Promise<readonly LookupAddress[]> {
  let found: readonly LookupAddress[];
  try {
    found = await lookup(host);
  } catch (error) {
    throw new EgressError('name_not_found', `The name ${host} was not found.`, { cause: error });
  }
  if (found.length === 0) throw new EgressError('name_not_found', `The name ${host} has no address.`);
  return found;
}

async function lookupAll(host: string): Promise<readonly LookupAddress[]> {
  return systemLookup(host, { all: true });
}

/** A resolver cannot be told to stop; then nobody waits for it. */
async function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function timedOut(url: URL, { timeoutMs }: EgressRequest): EgressError {
  return new EgressError('timed_out', `${url.host} did not answer whole within ${timeoutMs / 1000} s.`);
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
