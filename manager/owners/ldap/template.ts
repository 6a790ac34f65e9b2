import { Filter, FilterParser } from 'ldapts';
import { USERNAME_PLACE } from '#core/model/directory';

/** A DN with a name in its place, which can only be a value there (RFC 4514 §2.4). */
export function dnFor(template: string, username: string): string {
  return template.replaceAll(USERNAME_PLACE, () => escapeDnValue(username));
}

/** A filter with a name in its place, which can only be a value there (RFC 4515 §3). */
export function filterFor(template: string, username: string): string {
  return template.replaceAll(USERNAME_PLACE, () => Filter.escape(username));
}

/** True when a template is a filter. */
export function isFilter(template: string): boolean {
  try {
    FilterParser.parseString(filterFor(template, 'a'));
    return true;
  } catch {
    return false;
  }
}

/** Every character that is no letter, digit or hyphen becomes `\XX`, an octet each. */
function escapeDnValue(text: string): string {
  return text.replace(/[^\p{L}\p{N}-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}
