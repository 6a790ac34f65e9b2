/**
 * The cookies of the console (manager/access/cookie.ts) and of the sign-in pages (auth/authorization/cookie.ts). Browsers send cookies to every port of a host, so where manager and gateway share
 * one, a page of the gateway gets them too: they never reach a target, and no target sets one (decision 11).
 */
const CONSOLE_COOKIE = /^\s*(?:__Host-gatewright(?:-[a-z-]+)?|gatewright-(?:session|sign-in|owner)-\d+)\s*=/;
/** The one of the sign-in pages: their end point reads it. */
const OWNER_COOKIE = /^\s*(?:__Host-gatewright-owner|gatewright-owner-\d+)\s*=/;
/** In all of their names: most fields are done with after one look. */
const MARK = 'gatewright';

/** A `Cookie` value without the console's; undefined when nothing is left. */
export function withoutConsoleCookies(value: string): string | undefined {
  if (!value.includes(MARK)) return value;
  const kept = value.split(';').filter((pair) => !CONSOLE_COOKIE.test(pair));
  const text = kept.join(';').trim();
  return text === '' ? undefined : text;
}

/** The cookies of the sign-in pages in a `Cookie` value, as one again; undefined when there is none. */
export function ownerCookiesOf(value: string): string | undefined {
  if (!value.includes(MARK)) return undefined;
  const own = value.split(';').filter((pair) => OWNER_COOKIE.test(pair));
  return own.length === 0 ? undefined : own.join(';').trim();
}

/** True when a `Set-Cookie` value would set one of the console's. */
export function setsConsoleCookie(value: string): boolean {
  return value.includes(MARK) && CONSOLE_COOKIE.test(value);
}
