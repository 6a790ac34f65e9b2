import type { FastifyRequest } from 'fastify';
import type { ManagerOptions } from '../context.ts';

/** Writes and reads the cookies of the console. */
export interface Cookies {
  /** Name of the session's cookie. */
  readonly sessionName: string;
  /** Value of the session's cookie; undefined when there is none, or several (then somebody else set one). */
  readSession(request: FastifyRequest): string | undefined;
  /** The Set-Cookie of a session. `maxAgeMs` undefined: until the browser ends. */
  session(value: string, maxAgeMs: number | undefined): string;
  /** The Set-Cookie that removes the session's cookie. */
  endSession(): string;
  /** A cookie that comes back when an identity provider sends the browser here (so Lax), for minutes. Empty value: removed. */
  transaction(value: string, maxAgeMs: number): string;
  readTransaction(request: FastifyRequest): string | undefined;
}

/**
 * Over TLS the names begin with `__Host-`: no other host and no plain page can set them. Over plain HTTP, which is for loopback, they have the
 * port in them, since cookies ignore ports and several managers may run on one machine.
 * @param origin where people reach the manager; undefined while it is not listening
 */
export function createCookies(options: ManagerOptions, origin: () => string | undefined): Cookies {
  const isSecure = options.tls !== undefined || options.publicUrl?.startsWith('https:') === true;
  const attributes = (sameSite: 'Strict' | 'Lax') =>
    `; Path=/; HttpOnly; SameSite=${sameSite}${isSecure ? '; Secure' : ''}`;
  const port = () => {
    const at = origin();
    return at === undefined ? String(options.port) : new URL(at).port || '80';
  };
  const nameOf = (what: 'session' | 'sign-in') =>
    isSecure ? `__Host-gatewright${what === 'session' ? '' : '-sign-in'}` : `gatewright-${what}-${port()}`;
  const seconds = (ms: number) => Math.max(0, Math.floor(ms / 1000));
  return {
    get sessionName() {
      return nameOf('session');
    },
    readSession: (request) => readCookie(request, nameOf('session')),
    session: (value, maxAgeMs) =>
      `${nameOf('session')}=${value}${attributes('Strict')}${maxAgeMs === undefined ? '' : `; Max-Age=${seconds(maxAgeMs)}`}`,
    endSession: () => `${nameOf('session')}=${attributes('Strict')}; Max-Age=0`,
    transaction: (value, maxAgeMs) =>
      `${nameOf('sign-in')}=${value}${attributes('Lax')}; Max-Age=${value === '' ? 0 : seconds(maxAgeMs)}`,
    readTransaction: (request) => readCookie(request, nameOf('sign-in')),
  };
}

function readCookie(request: FastifyRequest, name: string): string | undefined {
  const values = (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  const [value] = values;
  return values.length === 1 && value !== '' ? value : undefined;
}
