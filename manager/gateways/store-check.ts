import type { Gateway } from '#core/model/server-group';
import { CONFIGURED_STORE } from '#core/model/token-store';
import type { ProjectSnapshot } from '#core/model/version';

/** Policy types that read or write access tokens. */
const TOKEN_TYPES = ['oauth-token-endpoint', 'oauth-authorization-endpoint', 'oauth-verify-access-token'];

/** Gateways of one server group that do not have one token store together. */
export interface UnsharedStore {
  readonly sentence: string;
  readonly gateways: readonly string[];
}

/** True when something of a project reads or writes access tokens. */
export function usesTokens({ policies }: ProjectSnapshot): boolean {
  return policies.some(({ type }) => TOKEN_TYPES.includes(type));
}

/** Kinds that are one file, process or Java machine of one machine. */
const EMBEDDED = ['memory', 'sqlite', 'cassandra-embedded'];

/** A token store that gateways of a group are to share: of the configuration when it has the name `configured`. */
export interface StoreInUse {
  readonly name: string;
  readonly kind: string;
}

/**
 * Decision 38: an embedded token store is one file on one machine, and `memory` is of one process. What one gateway issues another could not
 * verify when they have not the same. Gateways that drain away do not count; one that is lost does: it may come back.
 * @param used left out: the one of each gateway's configuration
 * @returns undefined when they share one, or nothing is known of it
 */
export function findUnsharedStore(gateways: readonly Gateway[], used?: StoreInUse): UnsharedStore | undefined {
  const told = gateways.flatMap(({ name, state, machine, tokenStore, isDrainWanted, workers }) =>
    machine === undefined || tokenStore === undefined || (state === 'draining' && isDrainWanted !== true)
      ? []
      : [{ name, machine, workers, tokenStore: storeOf(tokenStore, used) }],
  );
  const embedded = told.filter(({ tokenStore }) => EMBEDDED.includes(tokenStore.kind));
  const [first, ...others] = embedded;
  if (first === undefined) return undefined;
  const names = embedded.map(({ name }) => name);
  const many = embedded.find(({ tokenStore, workers }) => tokenStore.kind === 'memory' && workers > 1);
  if (many !== undefined)
    return {
      gateways: [many.name],
      sentence: `The gateway ${many.name} has ${many.workers} workers, and each has a token store of its own (memory): a token that one issues is unknown to the others.`,
    };
  if (others.length === 0) return undefined;
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  if (embedded.some(({ machine }) => machine !== first.machine))
    return {
      gateways: names,
      sentence: `The gateways ${list} are on different machines, and each has a token store of its own (${first.tokenStore.kind}): a token that one issues is unknown to the others.`,
    };
  if (embedded.some(({ tokenStore }) => tokenStore.kind === 'memory' || tokenStore.place !== first.tokenStore.place))
    return {
      gateways: names,
      sentence: `The gateways ${list} do not use the same token store: a token that one issues is unknown to the others.`,
    };
  return undefined;
}

/** A store that the manager knows is the same place for each gateway of a machine: they share the data directory's. */
function storeOf(configured: { readonly kind: string; readonly place: string }, used: StoreInUse | undefined) {
  return used === undefined || used.name === CONFIGURED_STORE ? configured : { kind: used.kind, place: used.name };
}
