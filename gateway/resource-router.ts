import findMyWay from 'find-my-way';
import { ConfigurationError } from '#core/errors';
import { METHODS } from '#core/model/resource';

/** A resource to be routed to. */
export interface RoutedResource<T> {
  readonly path: string;
  /** Empty: every method. */
  readonly methods: readonly string[];
  /** Takes what no other takes. */
  readonly isDefault: boolean;
  readonly value: T;
  /** Where it stands, for messages. */
  readonly pointer: string;
}

/** What a path and method lead to. */
export interface ResourceMatch<T> {
  readonly value: T;
  /** Parameters as they stand in the path: escapes are not decoded, so a %2F can never be taken for a slash. */
  readonly parameters: Readonly<Record<string, string | undefined>>;
  /** Set when the resource owns the path but does not take the method: the methods that are taken. */
  readonly allow: readonly string[] | undefined;
}

/** Routes the part of a path behind the context path. */
export interface ResourceRouter<T> {
  find(method: string, path: string): ResourceMatch<T> | undefined;
}

/** The resources of one pattern, by method. */
interface Place<T> {
  readonly pattern: string;
  readonly byMethod: Map<string, Claim<T>>;
  any: Claim<T> | undefined;
  readonly first: T;
}

/** A resource at its place. */
interface Claim<T> {
  /** The answer when the pattern has no parameters: made once. */
  readonly match: ResourceMatch<T>;
  /** Its own parameter names, when they differ from those under which the place was registered. */
  readonly names: readonly string[] | undefined;
}

const NO_PARAMETERS: Readonly<Record<string, string | undefined>> = Object.freeze({});
const EMPTY_SEARCH = {};
const nothing = (): void => {};
/** Stands for `%` while find-my-way looks: it decodes escapes and cannot be told not to. No path that gets here has a control byte. */
const ESCAPE = '\u0001';

/**
 * Compiles a project's resources. The most specific pattern owns its path, and with it the methods: what it does not take is 405, never
 * the business of a less specific resource or of DefaultResource, whose policies may be weaker.
 * @throws ConfigurationError when two resources claim the same pattern and method
 */
export function createResourceRouter<T>(
  resources: readonly RoutedResource<T>[],
  trailingSlash: 'ignore' | 'strict',
): ResourceRouter<T> {
  const router = findMyWay({
    caseSensitive: true,
    ignoreTrailingSlash: false, // done here, since it must not touch what is forwarded
    ignoreDuplicateSlashes: false,
    maxParamLength: 1_000_000, // the head's limit bounds it; a shorter one would make a long segment fall to DefaultResource
    querystringParser: () => EMPTY_SEARCH,
  });
  const places = new Map<string, Place<T>>();
  const register = (pattern: string, place: Place<T>): void => {
    places.set(shapeOf(pattern), place);
    router.on('GET', findMyWayPattern(pattern), nothing, place);
  };
  for (const resource of resources) {
    if (resource.isDefault) continue;
    const pattern = trailingSlash === 'ignore' ? withoutTrailingSlash(resource.path) : resource.path;
    const known = places.get(shapeOf(pattern));
    if (known === undefined) register(pattern, claim(newPlace(pattern, resource), resource));
    else claim(known, resource);
  }
  if (trailingSlash === 'ignore') {
    // /files/* takes /files/ (with an empty rest), so when a trailing slash does not count it takes /files too, unless another does.
    for (const place of [...places.values()]) {
      if (!place.pattern.endsWith('/*')) continue;
      const bare = place.pattern.slice(0, -2) || '/';
      if (!places.has(shapeOf(bare))) register(bare, place);
    }
  }
  const defaultResource = resources.find(({ isDefault }) => isDefault);
  const fallback = defaultResource === undefined ? undefined : claim(newPlace('', defaultResource), defaultResource);
  const isAlone = places.size === 0;
  return {
    find(method, path) {
      if (!isAlone) {
        const looked = trailingSlash === 'ignore' ? withoutTrailingSlash(path) : path;
        const found = router.find('GET', looked.includes('%') ? looked.replaceAll('%', ESCAPE) : looked);
        if (found !== null && !hasEmptySegment(found.params)) return matchAt(found.store, method, found.params);
      }
      return fallback === undefined ? undefined : matchAt(fallback, method, NO_PARAMETERS);
    },
  };
}

/** `{id}` takes one segment, and an empty one is none; only `*` may be empty. */
function hasEmptySegment(found: Readonly<Record<string, string | undefined>>): boolean {
  for (const name in found) if (found[name] === '' && name !== '*') return true;
  return false;
}

function newPlace<T>(pattern: string, resource: RoutedResource<T>): Place<T> {
  return { pattern, byMethod: new Map(), any: undefined, first: resource.value };
}

function claim<T>(place: Place<T>, resource: RoutedResource<T>): Place<T> {
  const taken =
    resource.methods.length === 0
      ? place.any !== undefined
      : resource.methods.some((method) => place.byMethod.has(method));
  if (taken)
    throw new ConfigurationError(`Another resource takes ${resource.path} with the same method.`, resource.pointer);
  const names = parameterNames(resource.path);
  const isSame = names.join() === parameterNames(place.pattern).join();
  const claimed: Claim<T> = {
    match: { value: resource.value, parameters: NO_PARAMETERS, allow: undefined },
    names: isSame ? undefined : names,
  };
  if (resource.methods.length === 0) place.any = claimed;
  for (const method of resource.methods) place.byMethod.set(method, claimed);
  return place;
}

function matchAt<T>(
  place: Place<T>,
  method: string,
  found: Readonly<Record<string, string | undefined>>,
): ResourceMatch<T> {
  const { byMethod, any } = place;
  const claimed = byMethod.get(method) ?? (method === 'HEAD' ? byMethod.get('GET') : undefined) ?? any;
  // TRACE would echo the caller's credentials.
  if (claimed === undefined || method === 'TRACE')
    return { value: claimed?.match.value ?? place.first, parameters: NO_PARAMETERS, allow: allowedBy(place) };
  if (found === NO_PARAMETERS || !hasAny(found)) return claimed.match;
  return { value: claimed.match.value, parameters: rename(putEscapesBack(found), claimed.names), allow: undefined };
}

function hasAny(found: Readonly<Record<string, unknown>>): boolean {
  for (const _ in found) return true;
  return false;
}

function allowedBy<T>({ byMethod, any }: Place<T>): string[] {
  if (any !== undefined) return [...METHODS];
  const methods = new Set(byMethod.keys());
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}

type Parameters = Readonly<Record<string, string | undefined>>;

function putEscapesBack(found: Parameters): Parameters {
  for (const name in found) {
    if (found[name]?.includes(ESCAPE) !== true) continue;
    return Object.fromEntries(Object.entries(found).map(([key, value]) => [key, value?.replaceAll(ESCAPE, '%')]));
  }
  return found;
}

function rename(found: Parameters, names: readonly string[] | undefined): Parameters {
  if (names === undefined) return found;
  return Object.fromEntries(Object.entries(found).map(([name, value], i) => [names[i] ?? name, value]));
}

function parameterNames(pattern: string): string[] {
  return [...pattern.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name ?? '');
}

function shapeOf(pattern: string): string {
  return pattern.replace(/\{[^}]*\}/g, '{}');
}

/** `/orders/{id}` → `/orders/:id`; a colon that is meant as one is doubled. */
function findMyWayPattern(pattern: string): string {
  return pattern.replaceAll(':', '::').replace(/\{([^}]*)\}/g, ':$1');
}

function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
