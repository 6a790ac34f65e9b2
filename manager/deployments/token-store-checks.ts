import type { ProblemDetail } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { readHead } from '../feed/append.ts';
import { findUnsharedStore, type UnsharedStore, usesTokens } from '../gateways/store-check.ts';
import { tokenStoreUses } from '../token-stores/uses.ts';
import { check, type DeployCheck } from './deploy-checks.ts';
import { quoted } from './diff-words.ts';
import type { Placed } from './group-checks.ts';

/** Every token store that a policy names is there. */
export async function checkNamedStores(reader: Reader, { snapshot }: Placed): Promise<DeployCheck> {
  const good = 'Every token store that a policy names is there.';
  const uses = tokenStoreUses(snapshot);
  if (uses.length === 0) return check('token-stores', good, []);
  const known = await reader.selectFrom('token_stores').select('name').execute();
  const wrong = uses.filter(({ store }) => !known.some(({ name }) => name === store));
  const errors = wrong.map(
    ({ displayName, store, pointer }): ProblemDetail => ({
      pointer,
      code: 'token_store_unknown',
      message: `Policy ${quoted(displayName)} names the token store ${store}, which does not exist.`,
    }),
  );
  return {
    ...check('token-stores', good, errors),
    fixes: wrong.map(() => ({
      text: 'Add it, or name another one in the policy.',
      command: 'gatewright token-store list',
    })),
  };
}

/** What issues or verifies tokens needs a token store that all gateways of the group share (decision 38). */
export async function checkTokenStore(
  { services }: ManagerContext,
  reader: Reader,
  { snapshot, group }: Placed,
): Promise<DeployCheck> {
  const good = 'The gateways share what they need to share.';
  if (!usesTokens(snapshot)) return check('token-store', good, []);
  const gateways = services.gateways.list(await readHead(reader)).filter((one) => one.serverGroup === group.name);
  const rows = await reader.selectFrom('token_stores').select(['name', 'kind', 'is_default']).execute();
  const named = tokenStoreUses(snapshot).map(({ store }) => store);
  const used = rows.filter(({ name, is_default }) => is_default === 1 || named.includes(name));
  const unshared = (used.length === 0 ? [undefined] : used)
    .map((row) => findUnsharedStore(gateways, row))
    .find((found) => found !== undefined);
  if (unshared === undefined) return check('token-store', good, []);
  return {
    ...check('token-store', good, [{ pointer: '', code: 'store_not_shared', message: unshared.sentence }]),
    fixes: fixesOf(unshared),
  };
}

function fixesOf({ gateways }: UnsharedStore): DeployCheck['fixes'] {
  return [
    {
      text: 'Add a token store that they can share, and make it the default.',
      command: 'gatewright token-store create shared kind=redis redis.nodes=redis.example.com:6379',
    },
    {
      text: 'Or run the gateways of this group on one machine, and give each the same file: GATEWRIGHT_TOKEN_STORE_URL=sqlite:/path/to/tokens.db.',
    },
    {
      text: 'Or give each machine a server group of its own.',
      command: 'gatewright group create <display-name>',
    },
    { text: 'Or remove a gateway.', command: `gatewright gateway remove ${gateways.at(-1)}` },
  ];
}
