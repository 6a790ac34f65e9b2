/**
 * The cookies of the console (manager/access/cookie.ts). Browsers send cookies to every port of a host, so where manager and gateway share
 * one, a page of the gateway gets them too: they never reach a target, and no target sets one (decision 11).
 */
const CONSOLE_COOKIE = /^\s*(?:__Host-gatewright(?:-[a-z-]+)?|gatewright-(?:session|sign-in)-\d+)\s*=/;
/** In all of their names: most fields are done with after one look. */
const MARK = 'gatewright';

/** A `Cookie` value without the console's; undefined when nothing is left. */
export function withoutConsoleCookies(value: string): string | undefined {
  if (!value.includes(MARK)) return value;
  const kept = value.split(';').filter((pair) => !CONSOLE_COOKIE.test(pair));
  const text = kept.join(';').trim();
  return text === '' ? undefined : text;
}

/** True when a `Set-Cookie` value would set one of the console's. */
export function setsConsoleCookie(value: string): boolean {
  return value.includes(MARK) && CONSOLE_COOKIE.test(value);
}
