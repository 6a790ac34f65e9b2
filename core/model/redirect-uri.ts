import * as z from 'zod';

/** Longest redirect URI that is taken. */
const REDIRECT_URI_LIMIT = 2048;

/** Hosts on which http may be used: nothing of it leaves the machine (RFC 8252 §7.3). */
const LOOPBACK_HOSTS: readonly string[] = ['127.0.0.1', '[::1]', 'localhost'];

/**
 * What is wrong with a redirect URI as a client registers it, as a sentence; undefined: nothing is. Absolute, without fragment
 * (RFC 6749 §3.1.2); https, http on loopback, or a private-use scheme with a dot in it (RFC 8252 §7.1); compared letter by letter later
 * (RFC 9700 §4.1.3), so it has to be written as a browser writes it, and has no wildcards.
 */
export function redirectUriFault(text: string): string | undefined {
  if (text.length > REDIRECT_URI_LIMIT) return `At most ${REDIRECT_URI_LIMIT} characters.`;
  if (!/^[!-~]+$/.test(text) || /[\\<>"^`{|}]/.test(text)) return 'Only characters of a URI; write others as %XX.';
  if (text.includes('*')) return 'No wildcards: register every redirect URI by itself.';
  if (text.includes('#')) return 'No fragment ("#").';
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1];
  const url = URL.parse(text);
  if (scheme === undefined || url === null) return 'Write an absolute URI, e.g. https://app.example.com/callback.';
  if (/^[a-z0-9+.-]+:\/\/[^/?]*@/i.test(text)) return 'No user name or password before the host.';
  if (/^[a-z0-9+.-]+:\/\/[^?]*\/(?:\.|%2e){1,2}(?:[/?]|$)/i.test(text)) return 'No "." or ".." in the path.';
  const wanted = /^https?$/i.test(scheme) && url.pathname === '/' && url.search === '' ? url.origin : url.href;
  if (text !== url.href && text !== wanted) return `Write it as browsers do: ${url.href}`;
  return schemeFault(scheme, url);
}

function schemeFault(scheme: string, url: URL): string | undefined {
  if (scheme === 'https') return undefined;
  if (scheme === 'http')
    return LOOPBACK_HOSTS.includes(url.hostname)
      ? undefined
      : 'http only on 127.0.0.1, [::1] or localhost; else https.';
  return scheme.includes('.')
    ? undefined
    : 'Use https, http on loopback, or a scheme of the application with a dot in it, e.g. com.example.app:/callback.';
}

/** A redirect URI of a client (RFC 7591 §2 `redirect_uris`). */
export const redirectUri = z.string().superRefine((text, { addIssue }) => {
  const message = redirectUriFault(text);
  if (message !== undefined) addIssue({ code: 'custom', message });
});
