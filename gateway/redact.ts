/** 40 characters of an opaque value, or from 22 up (the shortest token) when all classes are mixed and no hyphen makes it a UUID. */
const SECRET_LIKE =
  /^(?:[0-9A-Za-z_-]{40,}|(?=[0-9A-Za-z]*[A-Z])(?=[0-9A-Za-z]*[a-z])(?=[0-9A-Za-z]*[0-9])[0-9A-Za-z]{22,39}|gw[smk]_.*|eyJ[0-9A-Za-z_.-]{20,})$/;
const PATH_LIMIT = 512;
const WORDS_LIMIT = 1024;
const NAMES_LIMIT = 30;

/** A path as it may be recorded: segments that look like tokens, secrets or signed values become `…`. */
export function redactPath(path: string): string {
  return path
    .split('/')
    .map((segment) => (SECRET_LIKE.test(segment) ? '…' : segment))
    .join('/')
    .slice(0, PATH_LIMIT);
}

/** What a caller sent, as it may be recorded: words that look like tokens, secrets or signed values become `…`. Consumer keys are public. */
export function redactWords(text: string): string {
  return text
    .split(' ')
    .map((word) => (SECRET_LIKE.test(word) && !/^gwk_[0-9A-Za-z]{16}$/.test(word) ? '…' : word))
    .join(' ')
    .slice(0, WORDS_LIMIT);
}

/** The names of a query's parameters, each once; values are never recorded, nor what stands there without a name. */
export function queryNames(query: string): string[] {
  if (query === '') return [];
  const names = new Set<string>();
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const name = equals === -1 ? pair : pair.slice(0, equals);
    if (name !== '') names.add(SECRET_LIKE.test(name) ? '…' : name.slice(0, 64));
    if (names.size === NAMES_LIMIT) break;
  }
  return [...names];
}
