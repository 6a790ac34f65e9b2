import type { ServerGroup } from '#core/model/server-group';
import type { ProjectSnapshot } from '#core/model/version';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { readHead } from '../feed/append.ts';
import { findUnsharedStore, usesTokens } from '../gateways/store-check.ts';
import { checkSelectors } from '../gateways/variable-uses.ts';
import { listVariables, valuesOf } from '../gateways/variables.ts';
import { check, type DeployCheck } from './deploy-checks.ts';

/** What is to run on which server group. */
export interface Placed {
  readonly snapshot: ProjectSnapshot;
  readonly group: ServerGroup;
}

/** Every selector of a policy has a value in the server group, and the settings are valid with it (decision 21). */
export async function checkVariables(
  { masterKeys, policyTypes }: ManagerContext,
  reader: Reader,
  { snapshot, group }: Placed,
): Promise<DeployCheck> {
  const values = valuesOf(await listVariables(reader, group.id), masterKeys.secretBox());
  const { missing, errors } = checkSelectors(snapshot, { values, group, types: policyTypes });
  return {
    ...check('variables', `Every variable that policies use is set in ${group.displayName}.`, errors),
    fixes: missing.map(({ kind, name }) => ({
      text: `Set it in ${group.displayName}.`,
      command:
        kind === 'secrets'
          ? `gatewright group set-secret ${group.name} ${name} --secret -`
          : `gatewright group set-variable ${group.name} ${name}=<value>`,
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
  const unshared = findUnsharedStore(gateways);
  if (unshared === undefined) return check('token-store', good, []);
  return {
    ...check('token-store', good, [{ pointer: '', code: 'store_not_shared', message: unshared.sentence }]),
    fixes: [
      {
        text: 'Run the gateways of this group on one machine, and give each the same file: GATEWRIGHT_TOKEN_STORE_URL=sqlite:/path/to/tokens.db.',
      },
      {
        text: 'Or give each machine a server group of its own.',
        command: 'gatewright group create <display-name>',
      },
      { text: 'Or remove a gateway.', command: `gatewright gateway remove ${unshared.gateways.at(-1)}` },
    ],
  };
}
