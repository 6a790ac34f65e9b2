import { Refusal } from '#core/errors';
import { decodeFormText } from '../form.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Client id and secret of `Authorization: Basic …`: base64 of `id:secret`, both form-urlencoded before (RFC 6749 §2.3.1).
 * @throws Refusal `oauth_invalid_client` malformed
 */
export function parseBasicCredentials(encoded: string): {
  readonly consumerKey: string;
  readonly secret: string | undefined;
} {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) throw refuse('it is not base64');
  let text: string;
  try {
    text = utf8.decode(Buffer.from(encoded, 'base64'));
  } catch {
    throw refuse('it is not UTF-8');
  }
  const colon = text.indexOf(':');
  if (colon === -1) throw refuse('there is no colon between id and secret');
  try {
    const consumerKey = decodeFormText(text.slice(0, colon));
    const secret = decodeFormText(text.slice(colon + 1));
    return { consumerKey, secret: secret === '' ? undefined : secret };
  } catch {
    throw refuse('id or secret have a bad percent-encoding');
  }
}

function refuse(detail: string): Refusal {
  return new Refusal('oauth_invalid_client', { cause: 'malformed', presentedIn: 'header', detail });
}
