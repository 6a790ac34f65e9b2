import * as z from 'zod';

/** The immutable key of a noun in CLI, YAML and idempotent creates (decision 27): a slug of the first display name. */
export const nameSchema = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/,
    'Lower-case letters, digits and hyphens, 1 to 64, starting and ending with a letter or digit.',
  )
  .describe('Immutable name (slug): the key in CLI, YAML and API paths. Made from the display name when left out.');

/** The name people read; may change. */
export const displayNameSchema = z
  .string()
  .min(1, 'Give it a name.')
  .max(64, 'At most 64 characters.')
  .regex(
    /^[\p{L}\p{N}](?:[\p{L}\p{N} ._–-]*[\p{L}\p{N}._-])?$/u,
    'Letters, digits, spaces and . - _ only, starting with a letter or digit.',
  )
  .describe('The name people read.');

/** Control characters, line ends, marks that turn the reading direction, and marks that nobody sees. */
const HIDDEN = '\\p{Cc}\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb';

/** A name or word of any letters, in one line: what stands behind it on a screen stays as it is. */
export const lineSchema = z
  .string()
  .regex(new RegExp(`^[^${HIDDEN}]*$`, 'u'), 'No control characters, and no marks that turn the reading direction.');

/** What {@link lineSchema} takes of a text from elsewhere. */
export function lineOf(text: string): string {
  return text.replace(new RegExp(`[${HIDDEN}]+`, 'gu'), ' ');
}

/** Name of a gateway: a host name often. */
export const gatewayNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'Use 1 to 63 letters, digits, ".", "_" and "-".');

/** Free text for people. */
export const descriptionSchema = z
  .string()
  .max(2000, 'At most 2000 characters.')
  .describe('What it is for, for people.');

/**
 * The slug of a display name: `Orders API` → `orders-api`, `AccessToken` → `access-token`. Letters with marks lose them; others become
 * hyphens. Empty when nothing is left (then a name must be given).
 */
export function slugOf(displayName: string): string {
  return displayName
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 64)
    .replace(/^-+|-+$/g, '');
}
