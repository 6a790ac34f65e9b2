const SECRET_LIKE = /^(?:[0-9A-Za-z_-]{40,}|gw[smk]_.*|eyJ[0-9A-Za-z_.-]{20,})$/;
const PATH_LIMIT = 512;
const NAMES_LIMIT = 30;

/** A path as it may be recorded: segments that look like tokens, secrets or signed values become `…`. */
export function redactPath(path: string): string {
  return path
    .split('/')
    .map((segment) => (SECRET_LIKE.test(segment) ? '…' : segment))
    .join('/')
    .slice(0, PATH_LIMIT);
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
