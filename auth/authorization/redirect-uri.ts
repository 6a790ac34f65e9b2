import type { FeedClient } from '#core/change-feed';
import { Refusal } from '#core/errors';
import { redirectUriFault } from '#core/model/redirect-uri';

const LOOPBACK = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::\d{1,5})?((?:[/?].*)?)$/;

/** Where the answer goes. */
export interface RedirectTarget {
  readonly uri: string;
  /** As it stood in the request; undefined when it was left out there (RFC 6749 §4.1.3). */
  readonly sent: string | undefined;
}

/**
 * The redirect URI of a request: one that is registered, letter by letter (RFC 9700 §2.1, §4.1.3). A public client on loopback may use
 * any port (RFC 8252 §7.3). Left out: the only one that is registered (RFC 6749 §3.1.2.3).
 * @throws Refusal `redirect_uri_unknown`
 */
export function findRedirectTarget(given: string | undefined, client: FeedClient): RedirectTarget {
  const registered = client.redirectUris ?? [];
  const [only, second] = registered;
  if (given === undefined) {
    if (only !== undefined && second === undefined && redirectUriFault(only) === undefined)
      return { uri: only, sent: undefined };
    throw refuse('missing', given, client);
  }
  const isRegistered =
    registered.includes(given) ||
    (client.kind === 'public' && registered.some((uri) => differsInLoopbackPortOnly(given, uri)));
  if (!isRegistered || redirectUriFault(given) !== undefined) throw refuse('unknown', given, client);
  return { uri: given, sent: given };
}

function differsInLoopbackPortOnly(given: string, registered: string): boolean {
  const [, origin, rest] = LOOPBACK.exec(registered) ?? [];
  const [, givenOrigin, givenRest] = LOOPBACK.exec(given) ?? [];
  return origin !== undefined && origin === givenOrigin && rest === givenRest;
}

function refuse(problem: string, given: string | undefined, client: FeedClient): Refusal {
  return new Refusal('redirect_uri_unknown', {
    problem,
    redirectUri: given?.slice(0, 300),
    registered: (client.redirectUris ?? []).slice(0, 10),
    client: client.displayName,
    clientName: client.name,
  });
}
