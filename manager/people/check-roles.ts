import type { RoleGrant } from '#core/model/role';
import { validationFailed } from '../http/validation.ts';
import type { Unit } from '../unit-of-work.ts';

/** Checks that the server groups of roles exist. @throws ProblemError `validation_failed` */
export async function checkRoles(unit: Unit, roles: readonly RoleGrant[], pointer = '/roles'): Promise<void> {
  const wanted = [...new Set(roles.flatMap(({ serverGroup }) => (serverGroup === undefined ? [] : [serverGroup])))];
  if (wanted.length === 0) return;
  const found = await unit.tx.selectFrom('server_groups').select('name').where('name', 'in', wanted).execute();
  const known = new Set(found.map(({ name }) => name));
  const errors = roles.flatMap(({ serverGroup }, index) =>
    serverGroup === undefined || known.has(serverGroup)
      ? []
      : [
          {
            pointer: `${pointer}/${index}/serverGroup`,
            code: 'not_found',
            message: `There is no server group ${serverGroup}.`,
          },
        ],
  );
  if (errors.length > 0) throw validationFailed(errors);
}
