import { Refusal } from '#core/errors';
import type { TokenRequest } from '../token-request.ts';

/**
 * A parameter that the grant type demands, from the form body only.
 * @throws Refusal `oauth_request` missing, malformed (longer than `limit` characters)
 */
export function requireParameter({ form }: TokenRequest, parameter: string, limit: number): string {
  const value = form.get(parameter);
  if (value === undefined) throw new Refusal('oauth_request', { parameter, problem: 'missing', lookedIn: 'form body' });
  if (value.length <= limit) return value;
  throw new Refusal('oauth_request', { parameter, problem: 'malformed', detail: `longer than ${limit} characters` });
}
