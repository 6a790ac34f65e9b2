import { Refusal, UnavailableError } from '#core/errors';
import type { OwnerCheck, ResourceOwner } from '#core/resource-owner';
import { refuseGrant } from '../checks/grant-standing.ts';
import { findAudience } from '../checks/requested-resource.ts';
import { requireParameter } from '../checks/required-parameter.ts';
import type { EndpointDeps } from '../endpoints/endpoint.ts';
import { type IssuedAnswer, issueNewGrant } from '../issue.ts';
import { decideScopes } from '../scopes.ts';
import type { GrantHandler, GrantRequest } from './grant.ts';

const MAX_NAME_LENGTH = 256;
const MAX_PASSWORD_LENGTH = 1024;

/**
 * The resource owner password credentials grant (RFC 6749 §4.3), of seed 000; RFC 9700 §2.4 says not to use it, so that it is off until it is
 * ticked. The client has proved itself before (decision 14). Tries are limited for each name, client and address (§4.3.2), where the
 * password is checked.
 */
export const PASSWORD: GrantHandler = { type: 'password', issue: issueForPassword };

async function issueForPassword(request: GrantRequest, deps: EndpointDeps): Promise<IssuedAnswer> {
  const username = requireParameter(request.request, 'username', MAX_NAME_LENGTH);
  const password = requireParameter(request.request, 'password', MAX_PASSWORD_LENGTH);
  const granted = await decideScopes(request, deps);
  const audience = findAudience(request.request, undefined);
  const owner = await findOwner({ username, password }, request, deps);
  const details = { audience, username: owner.username, authenticatedAt: deps.services.clock.now() };
  return issueNewGrant({ owner, granted, details }, request, deps);
}

async function findOwner(
  given: { readonly username: string; readonly password: string },
  { client: { client }, message: { remoteAddress: address } }: GrantRequest,
  { settings: { directory }, services: { owners } }: EndpointDeps,
): Promise<ResourceOwner> {
  const known = owners.findDirectory(directory);
  if (known === undefined || known.kind === 'oidc') {
    const detail = known === undefined ? 'there is none of that name, or it is off' : 'it takes no passwords';
    throw new Refusal('oauth_directory', { directory, detail });
  }
  let checked: OwnerCheck;
  try {
    checked = await owners.checkPassword({ ...given, directory, address, clientId: client.id });
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    throw new Refusal('oauth_directory', { directory, detail: error.message });
  }
  switch (checked.state) {
    case 'known':
      return checked.owner;
    case 'wrong':
      throw refuseGrant('password_wrong', client);
    case 'disabled':
      throw refuseGrant('owner_disabled', client);
    case 'limited': {
      const facts = { address, retryAfterMs: checked.retryAfterMs, per: 'name' };
      throw new Refusal('sign_in_limited', facts);
    }
  }
}
