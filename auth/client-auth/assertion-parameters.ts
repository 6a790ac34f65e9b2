import { Refusal } from '#core/errors';

/** The only kind of client assertion (RFC 7523 §2.2). */
export const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Longest assertion that is looked at. */
const MAX_ASSERTION_LENGTH = 8192;

/**
 * The client assertion of a form (RFC 7521 §4.2), and whom it calls its subject: not proved, only to find the client by. Undefined when there
 * is none.
 * @throws Refusal `oauth_request` missing, malformed; `oauth_invalid_client` malformed
 */
export function readAssertion(
  form: ReadonlyMap<string, string>,
): { readonly assertion: string; readonly subject: string } | undefined {
  const type = form.get('client_assertion_type');
  const assertion = form.get('client_assertion');
  if (type === undefined && assertion === undefined) return undefined;
  if (type === undefined || assertion === undefined) {
    const parameter = type === undefined ? 'client_assertion_type' : 'client_assertion';
    throw new Refusal('oauth_request', { parameter, problem: 'missing', lookedIn: 'form body' });
  }
  if (type !== CLIENT_ASSERTION_TYPE) {
    const detail = `only ${CLIENT_ASSERTION_TYPE} is taken`;
    throw new Refusal('oauth_request', { parameter: 'client_assertion_type', problem: 'malformed', detail });
  }
  const subject = subjectOf(assertion);
  if (subject === undefined) {
    const facts = { cause: 'malformed', presentedIn: 'client_assertion', detail: 'it is no JWT with a subject' };
    throw new Refusal('oauth_invalid_client', facts);
  }
  return { assertion, subject };
}

function subjectOf(assertion: string): string | undefined {
  if (assertion.length > MAX_ASSERTION_LENGTH) return undefined;
  const [, payload, , more] = assertion.split('.', 4);
  if (payload === undefined || more !== undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const subject = typeof claims === 'object' && claims !== null && 'sub' in claims ? claims.sub : undefined;
    return typeof subject === 'string' && subject !== '' ? subject : undefined;
  } catch {
    return undefined;
  }
}
