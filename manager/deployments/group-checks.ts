import type { ServerGroup } from '#core/model/server-group';
import type { ProjectSnapshot } from '#core/model/version';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
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
