import type { Message } from '#core/message';

/** The one cookie of the pages: it names the browser, and the session of who signed in there. */
export interface OwnerCookie {
  readonly name: string;
  /** Its value; undefined when there is none, or several (then somebody else set one), or it is none of ours. */
  read(message: Message): string | undefined;
  /** The `Set-Cookie` that sets it until the browser ends. */
  write(value: string): string;
  /** The `Set-Cookie` that removes it. */
  remove(): string;
}

/**
 * Over TLS its name begins with `__Host-`: no other host and no plain page can set it. Over plain HTTP, which is for loopback, it has the port
 * in it, since cookies ignore ports. Lax: an application sends people here from its own site, by a link or a redirect.
 */
export function createOwnerCookie(origin: string): OwnerCookie {
  const url = new URL(origin);
  const isSecure = url.protocol === 'https:';
  const name = isSecure ? '__Host-gatewright-owner' : `gatewright-owner-${url.port || '80'}`;
  const attributes = `; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  return {
    name,
    read(message) {
      const values = (message.request.ownCookies ?? '')
        .split(';')
        .map((pair) => pair.trim())
        .filter((pair) => pair.startsWith(`${name}=`))
        .map((pair) => pair.slice(name.length + 1));
      const [value] = values;
      return values.length === 1 && value !== undefined && /^[0-9A-Za-z]{43}$/.test(value) ? value : undefined;
    },
    write: (value) => `${name}=${value}${attributes}`,
    remove: () => `${name}=${attributes}; Max-Age=0`,
  };
}
