const NAME = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\.?|\[[0-9A-Fa-f:.]+\])(?::\d{0,5})?$/;
const CACHE_LIMIT = 1000;
const cache = new Map<string, string>();

/** The Host field without port, in lower case; undefined when it is malformed. Remembered, up to a bound. */
export function parseHost(value: string): string | undefined {
  const cached = cache.get(value);
  if (cached !== undefined) return cached;
  const host = value.length <= 262 ? NAME.exec(value)?.[1]?.toLowerCase() : undefined;
  if (host === undefined) return undefined;
  const plain = host.endsWith('.') ? host.slice(0, -1) : host;
  if (cache.size < CACHE_LIMIT) cache.set(value, plain);
  return plain;
}
