import { Refusal } from '#core/errors';
import type { Message } from '#core/message';

const FORM = 'application/x-www-form-urlencoded';
/** The largest token request that is read. */
const BODY_LIMIT_BYTES = 65_536;

/**
 * Reads the form body of a token request (RFC 6749 §4.4.2). A request without body and media type is an empty form: everything may stand in
 * header and query.
 * @throws Refusal `oauth_request` media_type; `body_too_large`
 */
export async function readFormBody(message: Message): Promise<string> {
  const { headers } = message.request;
  const given = headers.get('content-type');
  const mediaType = given?.split(';', 1)[0]?.trim().toLowerCase();
  const encoding = headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (mediaType !== undefined && mediaType !== FORM) throw refuse(mediaType);
  if (encoding !== 'identity' && encoding !== '') throw refuse(`${FORM}, encoded as ${encoding}`);
  const body = await message.readBody(BODY_LIMIT_BYTES);
  if (mediaType === undefined && body.length > 0) throw refuse(undefined);
  return body.toString('utf8');
}

function refuse(mediaType: string | undefined): Refusal {
  return new Refusal('oauth_request', {
    parameter: 'Content-Type',
    problem: 'media_type',
    mediaType: mediaType?.slice(0, 80),
  });
}
