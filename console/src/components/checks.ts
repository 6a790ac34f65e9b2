/** Checks of fields before they are sent; the server's rules (core/model) stand above them. */

const DISPLAY_NAME = /^[\p{L}\p{N}](?:[\p{L}\p{N} ._–-]*[\p{L}\p{N}._-])?$/u;
const SEGMENT = "[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*";
const CONTEXT_PATH = new RegExp(`^/(?:${SEGMENT}(?:/${SEGMENT})*)?$`);
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** Null, or what is wrong with a name that people read. */
export function checkDisplayName(text: string): string | null {
  const name = text.trim();
  if (name === '') return 'Give it a name.';
  if (name.length > 64) return 'At most 64 characters.';
  return DISPLAY_NAME.test(name) ? null : 'Letters, digits, spaces and . - _ only, starting with a letter or digit.';
}

/** Null, or what is wrong with a proxy context path. */
export function checkContextPath(text: string): string | null {
  const path = text.trim();
  if (!path.startsWith('/')) return 'Start with /.';
  if (path.length > 256) return 'At most 256 characters.';
  if (path === '/.well-known' || path.startsWith('/.well-known/'))
    return 'The path /.well-known/ is kept for metadata.';
  return CONTEXT_PATH.test(path)
    ? null
    : 'Segments of letters, digits and - . _ ~, without // and without a / at the end.';
}

/** Null, or what is wrong with the URL of a target. */
export function checkTargetUrl(text: string): string | null {
  const address = text.trim();
  if (address === '') return 'Give the URL of your service, e.g. http://127.0.0.1:8080.';
  if (address === 'echo:') return null;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return 'Start with http:// or https://, or give echo:.';
  if (url.username !== '' || url.password !== '') return 'Without user and password.';
  return /[?#]|\$\{/.test(address) ? 'Without query and fragment.' : null;
}

/** Null, or what is wrong with an origin such as https://api.example.com. Empty is none. */
export function checkOrigin(text: string): string | null {
  const address = text.trim();
  if (address === '') return null;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isOrigin = (url?.protocol === 'http:' || url?.protocol === 'https:') && url.origin === address;
  return isOrigin ? null : 'An http:// or https:// origin without a path, e.g. https://api.example.com.';
}

/** Null, or what is wrong with a name that files and commands use. */
export function checkName(text: string): string | null {
  return NAME.test(text.trim())
    ? null
    : 'Lower-case letters, digits and hyphens, 1 to 64, starting and ending with a letter or digit.';
}
