/** Letters that nobody can pronounce as a word. */
const ABBREVIATION = /^[bcdfghjklmnpqrstvwxz]{3,5}$/;

/**
 * A name out of code as people read it: `accessTokenExpiryMs` → `Access token expiry ms`, `client_credentials` → `Client credentials`,
 * `urn:ietf:params:oauth:grant-type:device_code` → `Device code`, `jwt` → `JWT`.
 */
export function readable(name: string): string {
  if (name.startsWith('urn:')) return readable(name.slice(name.lastIndexOf(':') + 1));
  if (ABBREVIATION.test(name)) return name.toUpperCase();
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .trim();
  const text = /^[A-Z0-9 ]+$/.test(words) ? words : words.toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A description in which the values of the field, where each is explained (`any: one is enough`), read as they are shown (`Any: …`). */
export function withChoicesAsShown(
  description: string,
  choices: readonly { readonly value: string; readonly title: string }[],
): string {
  return choices.reduce(
    (text, { value, title }) => text.replaceAll(new RegExp(`(^|\\. )${escaped(value)}: `, 'g'), `$1${title}: `),
    description,
  );
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
