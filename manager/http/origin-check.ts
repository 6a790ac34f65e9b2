import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '#core/problem';
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
    if (origin === undefined || SAFE_METHODS.includes(request.method)) return;
    if (origin !== `${request.protocol}://${host}` && origin !== publicOrigin?.origin)
      throw new ProblemError('origin_not_allowed', 'Unsafe requests of a browser must come from the manager itself.');
  };
}
