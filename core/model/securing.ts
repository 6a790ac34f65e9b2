/** A policy as far as it matters here: its settings complete, with defaults. */
interface ConfiguredPolicy {
  readonly name: string;
  readonly type: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Settings that say where a token is, not who may pass. */
const PLACES = ['tokenIn', 'removeToken', 'realm', 'headerName', 'headerPrefix', 'queryParameter', 'bodyParameter'];
const SCOPES = ['scopes', 'scopeMatch'];

/**
 * Names of the policies that secure a resource as *Secure API with* demands (decision 16): its own policy, and every policy of the same type
 * that lets nobody pass whom its own would refuse. So a resource that needs scopes has one policy for the token and its scopes, not two.
 */
export function securingPolicies(
  securePolicy: string | undefined,
  policies: readonly ConfiguredPolicy[],
): ReadonlySet<string> {
  const own = policies.find(({ name }) => name === securePolicy);
  if (securePolicy === undefined || own === undefined) return new Set(securePolicy === undefined ? [] : [securePolicy]);
  return new Set(policies.filter((policy) => policy === own || isAsStrict(own, policy)).map(({ name }) => name));
}

function isAsStrict(own: ConfiguredPolicy, other: ConfiguredPolicy): boolean {
  if (other.type !== own.type) return false;
  const names = new Set([...Object.keys(own.config), ...Object.keys(other.config)]);
  for (const name of names) {
    if (PLACES.includes(name) || SCOPES.includes(name)) continue;
    const [wanted, given] = [own.config[name], other.config[name]];
    // A switch that is on where the own one's is off demands more; anything else has to be the same.
    if (JSON.stringify(wanted) !== JSON.stringify(given) && !(wanted === false && given === true)) return false;
  }
  return scopesImply(other, own);
}

/** Whether every token that has the one's scopes has the other's too. */
function scopesImply({ config }: ConfiguredPolicy, own: ConfiguredPolicy): boolean {
  const [has, needs] = [scopesOf(config), scopesOf(own.config)];
  if (needs.length === 0) return true;
  if (has.length === 0) return false;
  const isEach = config.scopeMatch !== 'any';
  if (own.config.scopeMatch !== 'any')
    return (isEach || has.length === 1) && needs.every((scope) => has.includes(scope));
  return isEach ? has.some((scope) => needs.includes(scope)) : has.every((scope) => needs.includes(scope));
}

function scopesOf(config: ConfiguredPolicy['config']): readonly unknown[] {
  return Array.isArray(config.scopes) ? config.scopes : [];
}
