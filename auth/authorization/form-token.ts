import { createHmac } from 'node:crypto';
import { sameHash } from '#core/credential';
import { Refusal } from '#core/errors';
import type { Message } from '#core/message';

/** The token of a form: only who has the browser's cookie can make it, and it is good for this purpose only (RFC 6749 §10.12). */
export function formTokenOf(cookie: string, purpose: string): string {
  return createHmac('sha256', cookie).update(purpose).digest('hex');
}

/**
 * A form was sent by one of our pages, in the browser that it was made for.
 * @throws Refusal `page_outdated`
 */
export function checkFormToken(given: string | undefined, cookie: string, purpose: string): void {
  if (given === undefined || !sameHash(given, formTokenOf(cookie, purpose)))
    throw new Refusal('page_outdated', { problem: 'token' });
}

/**
 * Browsers say which site a request comes from (Fetch Metadata); one that does not is held against the form token alone.
 * @throws Refusal `page_outdated` other_site
 */
export function checkSameOrigin(message: Message): void {
  const site = message.request.headers.get('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin')
    throw new Refusal('page_outdated', { problem: 'other_site', site: site.slice(0, 20) });
}
