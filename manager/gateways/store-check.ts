import type { Gateway } from '#core/model/server-group';
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

/**
 * Decision 38: an embedded token store is one file on one machine. What one gateway issues another could not verify when they have not the
 * same file. Gateways that drain away do not count; one that is lost does: it may come back.
 * @returns undefined when they share one, or nothing is known of it
 */
export function findUnsharedStore(gateways: readonly Gateway[]): UnsharedStore | undefined {
  const told = gateways.flatMap(({ name, state, machine, tokenStore, isDrainWanted }) =>
    machine === undefined || tokenStore === undefined || (state === 'draining' && isDrainWanted !== true)
      ? []
      : [{ name, machine, tokenStore }],
  );
  const embedded = told.filter(({ tokenStore }) => tokenStore.kind === 'sqlite' || tokenStore.kind === 'memory');
  const [first, ...others] = embedded;
  if (first === undefined || others.length === 0) return undefined;
  const names = embedded.map(({ name }) => name);
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
