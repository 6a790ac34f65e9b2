import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { sameHash } from '#core/credential';
import { ProblemError } from '#core/problem';
import type { Cookies } from '../access/cookie.ts';
import { csrfTokenOf } from '../access/session.ts';
import type { ManagerOptions } from '../context.ts';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];
const ANY_ADDRESS = ['0.0.0.0', '::'];

/** True when a host to bind is reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * Makes the check of Host and Origin (decision 29): only configured host names are answered, so that a page whose name was pointed here
 * (DNS rebinding) gets nothing; unsafe requests of a browser must come from a page of our own origin.
 */
export function createOriginCheck(options: ManagerOptions): (request: FastifyRequest) => void {
  const publicOrigin = options.publicUrl === undefined ? undefined : new URL(options.publicUrl);
  const names = new Set([...LOOPBACK_NAMES, ...options.hosts.map((host) => host.toLowerCase())]);
  if (!ANY_ADDRESS.includes(options.host)) names.add(isIP(options.host) === 6 ? `[${options.host}]` : options.host);
  if (publicOrigin !== undefined) names.add(publicOrigin.hostname);

  return (request) => {
    const host = request.headers.host ?? '';
    const authority = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined;
    if (authority === undefined || !names.has(authority.hostname))
      throw new ProblemError(
        'host_not_allowed',
        'Add the host name to GATEWRIGHT_MANAGER_HOSTS if people are to reach the manager under it.',
      );
    const { origin } = request.headers;
    if (SAFE_METHODS.includes(request.method)) return;
    const isOwn = origin === `${request.protocol}://${host}` || origin === publicOrigin?.origin;
    if ((origin !== undefined && !isOwn) || !isFromOwnPage(request)) throw originNotAllowed();
  };
}

/**
 * What is demanded of a request that a session's cookie vouches for: browsers send cookies along whoever made the request, and cookies ignore
 * ports. It must not come from a page of another origin, and when it is unsafe it must name its origin and have the session's CSRF token.
 * Expects that {@link createOriginCheck} has compared the origin.
 * @throws ProblemError `origin_not_allowed`, `csrf_token_wrong`
 */
export function checkBrowser(request: FastifyRequest, cookies: Cookies): void {
  if (!isFromOwnPage(request)) throw originNotAllowed();
  if (SAFE_METHODS.includes(request.method)) return;
  if (request.headers.origin === undefined) throw originNotAllowed();
  const token = request.headers['x-csrf-token'];
  const secret = cookies.readSession(request) ?? '';
  if (typeof token !== 'string' || !sameHash(token, csrfTokenOf(secret)))
    throw new ProblemError(
      'csrf_token_wrong',
      'Send X-CSRF-Token with the csrfToken of the session. Load the page again.',
    );
}

/** False when the browser says that a page from elsewhere made the request (Fetch Metadata); old browsers and programs say nothing. */
function isFromOwnPage(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}

function originNotAllowed(): ProblemError {
  return new ProblemError('origin_not_allowed', 'Requests of a browser must come from a page of the manager itself.');
}
