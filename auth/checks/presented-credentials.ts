import { Refusal } from '#core/errors';
import type { HeaderList } from '#core/headers';
import type { TokenEndpointSettings } from '#core/token-issuer';
import type { CredentialPlace, Credentials, TokenRequest } from '../token-request.ts';
import { parseBasicCredentials } from './basic-credentials.ts';

/**
 * Finds the client credentials of a token request where the policy reads them. One method only (RFC 6749 §2.3); a `client_id` in the form
 * beside the same one in Basic is allowed.
 * @throws Refusal `oauth_request` two_methods, in_query, twice, missing; `oauth_invalid_client` credentials_missing, malformed, method_not_allowed
 */
export function findCredentials(
  headers: HeaderList,
  request: TokenRequest,
  settings: TokenEndpointSettings,
): Credentials {
  const places = placesOf(settings);
  const { idParameter, secretParameter } = settings.clientCredentialsIn;
  const read = (place: 'body' | 'query'): Credentials | undefined => {
    const values = place === 'body' ? request.form : request.query;
    const consumerKey = values.get(idParameter);
    const secret = values.get(secretParameter);
    return consumerKey === undefined && secret === undefined
      ? undefined
      : { consumerKey: consumerKey ?? '', secret, place };
  };
  const inHeader = readHeader(headers, places);
  const inBody = read('body');
  const inQuery = read('query');
  if (inQuery?.secret !== undefined && !places.includes('query')) {
    throw new Refusal('oauth_request', { parameter: secretParameter, problem: 'in_query' });
  }
  const present = [inHeader, inBody, places.includes('query') ? inQuery : undefined].filter(
    (credentials) => credentials !== undefined,
  );
  const methods = present.filter(({ secret, place }) => secret !== undefined || place === 'header').length;
  const isOther = new Set(present.map(({ consumerKey }) => consumerKey)).size > 1;
  if (methods > 1 || (present.length > 1 && isOther) || (methods > 0 && request.form.has('client_assertion'))) {
    throw new Refusal('oauth_request', { parameter: secretParameter, problem: 'two_methods' });
  }
  const credentials = present.find(({ secret }) => secret !== undefined) ?? present[0];
  if (credentials === undefined) {
    throw new Refusal('oauth_invalid_client', { cause: 'credentials_missing', lookedIn: places });
  }
  if (!places.includes(credentials.place)) throw refusePlace(credentials.consumerKey, credentials.place, places);
  if (credentials.consumerKey === '') {
    throw new Refusal('oauth_request', { parameter: idParameter, problem: 'missing', lookedIn: credentials.place });
  }
  return credentials;
}

/** The places that the policy reads, in words. */
function placesOf({ clientCredentialsIn }: TokenEndpointSettings): CredentialPlace[] {
  return (['header', 'body', 'query'] as const).filter((place) => clientCredentialsIn[place]);
}

function readHeader(headers: HeaderList, places: readonly CredentialPlace[]): Credentials | undefined {
  const [value, second] = headers.all('authorization');
  if (value === undefined) return undefined;
  if (second !== undefined) throw new Refusal('oauth_request', { parameter: 'Authorization', problem: 'twice' });
  const [scheme = '', encoded = ''] = value.trim().split(/ +/, 2);
  if (scheme.toLowerCase() !== 'basic') throw refusePlace('', `header as ${scheme.slice(0, 20)}`, places);
  return parseBasicCredentials(encoded);
}

function refusePlace(consumerKey: string, presentedIn: string, places: readonly CredentialPlace[]): Refusal {
  const client = consumerKey === '' ? 'The client' : consumerKey.slice(0, 60);
  return new Refusal('oauth_invalid_client', { cause: 'method_not_allowed', client, presentedIn, allowed: places });
}
