import { Refusal } from '#core/errors';
import type { HeaderList } from '#core/headers';
import type { TokenEndpointSettings } from '#core/token-issuer';
import type { CredentialPlace } from '../token-request.ts';
import { readAssertion } from './assertion-parameters.ts';
import { parseBasicCredentials } from './basic.ts';
import type { ClientRequest, PresentedClient } from './method.ts';

/**
 * Finds what a request presents to authenticate its client, where the policy reads it. One method only (RFC 6749 §2.3); a `client_id` in the
 * form beside the same one in Basic or in an assertion is allowed.
 * @throws Refusal `oauth_request` two_methods, in_query, twice, missing, other_client; `oauth_invalid_client` credentials_missing, malformed,
 * method_not_allowed
 */
export function findPresentedClient(request: ClientRequest, settings: TokenEndpointSettings): PresentedClient {
  const places = placesOf(settings);
  const { idParameter, secretParameter } = settings.clientCredentialsIn;
  const { headers } = request.message.request;
  const inHeader = readHeader(headers, places);
  const inBody = readParameters(request.form, settings, 'body');
  const inQuery = readParameters(request.query, settings, 'query');
  if (inQuery?.by === 'secret' && !places.includes('query')) {
    throw new Refusal('oauth_request', { parameter: secretParameter, problem: 'in_query' });
  }
  const present = [inHeader, inBody, places.includes('query') ? inQuery : undefined].filter((one) => one !== undefined);
  const assertion = readAssertion(request.form);
  const proofs = present.filter(({ by }) => by === 'secret').length + (assertion === undefined ? 0 : 1);
  const named = new Set(present.map(({ consumerKey }) => consumerKey));
  if (proofs > 1 || named.size > 1) {
    throw new Refusal('oauth_request', { parameter: secretParameter, problem: 'two_methods' });
  }
  if (assertion !== undefined) return whoseAssertion(assertion, [...named][0], idParameter);
  const presented = present.find(({ by }) => by === 'secret') ?? present[0];
  if (presented === undefined) {
    throw new Refusal('oauth_invalid_client', { cause: 'credentials_missing', lookedIn: places });
  }
  // A mere name is no credential: it is read from the body whatever the policy says of secrets.
  const isName = presented.by === 'name' && presented.place === 'body';
  if (!isName && !places.includes(presented.place)) throw refusePlace(presented.consumerKey, presented.place, places);
  if (presented.consumerKey === '') {
    throw new Refusal('oauth_request', { parameter: idParameter, problem: 'missing', lookedIn: presented.place });
  }
  return presented;
}

type Named = Exclude<PresentedClient, { by: 'assertion' }>;

function readParameters(
  values: ReadonlyMap<string, string>,
  { clientCredentialsIn: { idParameter, secretParameter } }: TokenEndpointSettings,
  place: 'body' | 'query',
): Named | undefined {
  const consumerKey = values.get(idParameter) ?? '';
  const secret = values.get(secretParameter);
  if (secret !== undefined) return { by: 'secret', consumerKey, secret, place };
  return consumerKey === '' ? undefined : { by: 'name', consumerKey, place };
}

/** RFC 7521 §4.2: `client_id` may be left out; where it stands it is the same client. */
function whoseAssertion(
  { assertion, subject }: { readonly assertion: string; readonly subject: string },
  named: string | undefined,
  idParameter: string,
): PresentedClient {
  if (named !== undefined && named !== subject)
    throw new Refusal('oauth_request', { parameter: idParameter, problem: 'other_client' });
  return { by: 'assertion', consumerKey: subject, assertion };
}

/** The places that the policy reads, in words. */
function placesOf({ clientCredentialsIn }: TokenEndpointSettings): CredentialPlace[] {
  return (['header', 'body', 'query'] as const).filter((place) => clientCredentialsIn[place]);
}

function readHeader(headers: HeaderList, places: readonly CredentialPlace[]): Named | undefined {
  const [value, second] = headers.all('authorization');
  if (value === undefined) return undefined;
  if (second !== undefined) throw new Refusal('oauth_request', { parameter: 'Authorization', problem: 'twice' });
  const [scheme = '', encoded = ''] = value.trim().split(/ +/, 2);
  if (scheme.toLowerCase() !== 'basic') throw refusePlace('', `header as ${scheme.slice(0, 20)}`, places);
  return { by: 'secret', ...parseBasicCredentials(encoded), place: 'header' };
}

function refusePlace(consumerKey: string, presentedIn: string, places: readonly CredentialPlace[]): Refusal {
  const client = consumerKey === '' ? 'The client' : consumerKey.slice(0, 60);
  return new Refusal('oauth_invalid_client', { cause: 'method_not_allowed', client, presentedIn, allowed: places });
}
