import type { ShownResourceOwner } from '#core/model/resource-owner';
import type { ManagerContext } from '../context.ts';
import { type PlacedOwner, parseResourceOwner } from '../records/resource-owner.ts';
import type { Unit } from '../unit-of-work.ts';
import type { ResourceOwnerTable } from './tables.ts';

/** Changes columns of a resource owner; gives the row as it is then. */
export async function updateOwner(
  unit: Unit,
  { row }: PlacedOwner,
  columns: Partial<ResourceOwnerTable>,
): Promise<ResourceOwnerTable> {
  await unit.tx.updateTable('resource_owners').set(columns).where('id', '=', row.id).execute();
  return { ...row, ...columns };
}

/** Under which name the tries of a sign-in count. */
function triedAs({ row, directory }: PlacedOwner): string {
  return `${directory.id} ${row.name}`;
}

/** Forgets the failed sign-ins of a resource owner. */
export function unlockOwner(context: ManagerContext, owner: PlacedOwner): void {
  context.services.owners.tries.unlock(triedAs(owner));
}

/** A resource owner as they may be shown now. */
export function showOwner(context: ManagerContext, owner: PlacedOwner): ShownResourceOwner {
  const lockedUntil = context.services.owners.tries.lockedUntil(triedAs(owner));
  return parseResourceOwner(owner.row, owner.directory.name, lockedUntil);
}
