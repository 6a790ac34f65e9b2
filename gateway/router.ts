import { ConfigurationError } from '#core/errors';

/** Something published under a context path. */
export interface Published<T> {
  /** `/` or `/a/b`. */
  readonly contextPath: string;
  /** Empty: every host. */
  readonly hosts: readonly string[];
  readonly value: T;
}

/** Finds what is published where. */
export interface Router<T> {
  /** The longest whole-segment prefix of the path; between equally long ones the one of this host. */
  find(host: string, path: string): Published<T> | undefined;
  /** The context path that looks most like what was asked for, for the operator. Slow: not for every request. */
  nearest(host: string, path: string): string | undefined;
}

type ByPath<T> = Map<string, Published<T>>;

/** Thrown by {@link compileRouter}: two claim the same place. Names the value that came second. */
export class PathTakenError<T> extends ConfigurationError {
  readonly value: T;

  constructor(published: Published<T>, host: string) {
    super(`The path ${published.contextPath}${host === '' ? '' : ` on ${host}`} is taken by another project.`);
    this.value = published.value;
  }
}

/** @throws PathTakenError when (host, path) is not unique */
export function compileRouter<T>(list: readonly Published<T>[]): Router<T> {
  const anyHost: ByPath<T> = new Map();
  const byHost = new Map<string, ByPath<T>>();
  let deepest = 0;
  for (const published of list) {
    deepest = Math.max(deepest, depthOf(published.contextPath));
    for (const host of published.hosts.length === 0 ? [''] : published.hosts) {
      const paths = host === '' ? anyHost : (byHost.get(host) ?? new Map());
      if (host !== '') byHost.set(host, paths);
      if (paths.has(published.contextPath)) throw new PathTakenError(published, host);
      paths.set(published.contextPath, published);
    }
  }
  const hasHosts = byHost.size > 0;
  const find = (host: string, path: string): Published<T> | undefined => {
    const own = hasHosts ? byHost.get(host) : undefined;
    for (let end = prefixEnd(path, deepest); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const prefix = end === path.length ? path : path.slice(0, end);
      const found = own?.get(prefix) ?? anyHost.get(prefix);
      if (found !== undefined) return found;
    }
    return own?.get('/') ?? anyHost.get('/');
  };
  return {
    find,
    nearest: (host, path) => nearestOf([...(byHost.get(host)?.keys() ?? []), ...anyHost.keys()], path),
  };
}

/** The path behind a context path, starting with `/`. */
export function pathBehind(contextPath: string, path: string): string {
  if (contextPath === '/') return path;
  return path.length === contextPath.length ? '/' : path.slice(contextPath.length);
}

function depthOf(contextPath: string): number {
  return contextPath === '/' ? 0 : contextPath.split('/').length - 1;
}

/** Where the first `depth` segments of a path end. */
function prefixEnd(path: string, depth: number): number {
  let end = 0;
  for (let i = 0; i < depth; i += 1) {
    end = path.indexOf('/', end + 1);
    if (end === -1) return path.length;
  }
  return end;
}

const NEAREST_CANDIDATES = 500;
const NEAREST_LENGTH = 64;

function nearestOf(candidates: readonly string[], path: string): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates.slice(0, NEAREST_CANDIDATES)) {
    const asked = path
      .split('/')
      .slice(0, depthOf(candidate) + 1)
      .join('/')
      .slice(0, NEAREST_LENGTH);
    const distance = editDistance(asked.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best !== undefined && bestDistance <= Math.max(2, best.length / 2) ? best : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
