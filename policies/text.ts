import * as z from 'zod';
import { hasOnlySelectors, SELECTOR_MESSAGE } from '#core/selector';

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const FIELD_VALUE = /^(?:[\x21-\x7E\x80-\xFF](?:[\t\x20-\x7E\x80-\xFF]*[\x21-\x7E\x80-\xFF])?)?$/;

/** Header fields of a connection or of a message's framing (RFC 9110 §7.6.1, RFC 9112): the gateway writes them, no policy does. */
const KEPT_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-request-id',
]);

/** A header field's name as a policy may write it: an HTTP token, and none that the gateway keeps for itself. */
export const headerNameSchema = z
  .string()
  .min(1)
  .max(128)
  .regex(TOKEN, "Letters, digits and !#$%&'*+.^_`|~- only.")
  .refine(
    (name) => !KEPT_FIELDS.has(name.toLowerCase()),
    'This field belongs to the connection or the framing; the gateway writes it.',
  );

/** A header field's value as a policy may write it: one line, no control characters (RFC 9110 §5.5); it may hold selectors. */
const headerValueSchema = z
  .string()
  .max(4096)
  .regex(FIELD_VALUE, 'One line without control characters and without spaces at its ends.')
  .refine(hasOnlySelectors, SELECTOR_MESSAGE);

/** Text in which `${…}` is a selector. */
export const selectorText = (maxLength: number) => z.string().max(maxLength).refine(hasOnlySelectors, SELECTOR_MESSAGE);

/** A header field with its value. */
export const headerFieldSchema = z.strictObject({
  name: headerNameSchema.meta({ title: 'Name', description: 'Name of the header field.' }),
  value: headerValueSchema.meta({ title: 'Value', description: 'Its value, one line.' }),
});
