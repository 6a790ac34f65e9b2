import * as z from 'zod';
import { ASSIGNABLE_MESSAGE, isAssignable } from '#core/whiteboard';
import { hasOnlyWhiteboardSelectors, WHITEBOARD_SELECTOR_MESSAGE } from '#core/whiteboard-selector';

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
export const FIELD_VALUE = /^(?:[\x21-\x7E\x80-\xFF](?:[\t\x20-\x7E\x80-\xFF]*[\x21-\x7E\x80-\xFF])?)?$/;

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
  .refine(hasOnlyWhiteboardSelectors, WHITEBOARD_SELECTOR_MESSAGE);

/** Text in which `${…}` may be a selector of the whiteboard and of the request too. */
export const whiteboardText = (maxLength: number) =>
  z.string().max(maxLength).refine(hasOnlyWhiteboardSelectors, WHITEBOARD_SELECTOR_MESSAGE);

/** Name of an attribute that a policy is set to write. */
export const attributeNameSchema = z.string().min(1, 'Give it a name.').refine(isAssignable, ASSIGNABLE_MESSAGE);

/** A header field with its value. */
export const headerFieldSchema = z.strictObject({
  name: headerNameSchema.meta({ title: 'Name', description: 'Name of the header field.' }),
  value: headerValueSchema.meta({ title: 'Value', description: 'Its value, one line; selectors are allowed.' }),
});
