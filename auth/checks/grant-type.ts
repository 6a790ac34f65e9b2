import { Refusal } from '#core/errors';
import type { TokenEndpointSettings } from '#core/token-issuer';
import type { TokenRequest } from '../token-request.ts';

/**
 * The grant type, from the form body or, as the seeds have it, from the query; in both only with one value.
 * @throws Refusal `oauth_request` missing or different, `oauth_grant_off` (RFC 6749 §5.2 unsupported_grant_type)
 */
export function checkGrantType(
  request: TokenRequest,
  settings: TokenEndpointSettings,
): TokenEndpointSettings['grantTypes'][number] {
  const inBody = request.form.get('grant_type');
  const inQuery = request.query.get('grant_type');
  if (inBody !== undefined && inQuery !== undefined && inBody !== inQuery) {
    throw new Refusal('oauth_request', { parameter: 'grant_type', problem: 'different' });
  }
  const given = inBody ?? inQuery;
  if (given === undefined) {
    const lookedIn = ['form body', 'query'];
    throw new Refusal('oauth_request', { parameter: 'grant_type', problem: 'missing', lookedIn });
  }
  const grantType = settings.grantTypes.find((allowed) => allowed === given);
  if (grantType === undefined) {
    throw new Refusal('oauth_grant_off', { grantType: given.slice(0, 60), allowed: settings.grantTypes });
  }
  return grantType;
}
