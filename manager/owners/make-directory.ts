import { newId } from '#core/id';
import type { Directory } from '#core/model/directory';
import type { ManagerContext } from '../context.ts';
import { credentialsContext, directoryData, parseDirectory, publishDirectory } from '../records/directory.ts';
import { newRecordColumns } from '../records/record.ts';
import type { Unit } from '../unit-of-work.ts';
import type { DirectoryTable } from './tables.ts';

/** What a directory is like, but its name. */
export type DirectorySettings = Pick<Directory, 'displayName' | 'kind' | 'active' | 'createOwners' | 'ldap' | 'oidc'>;

/** Makes a directory; what it must fit was checked. */
export async function insertDirectory(
  unit: Unit,
  context: Pick<ManagerContext, 'masterKeys' | 'random'>,
  wish: { readonly name: string; readonly settings: DirectorySettings; readonly credentials: string | undefined },
): Promise<Directory> {
  const { name, settings, credentials } = wish;
  const id = newId('dir', context.random);
  const row: DirectoryTable = {
    ...newRecordColumns(unit, { id, name, displayName: settings.displayName, data: directoryData(settings) }),
    kind: settings.kind,
    active: settings.active ? 1 : 0,
    credentials: sealCredentials(context, id, credentials),
  };
  await unit.tx.insertInto('directories').values(row).execute();
  publishDirectory(unit, row);
  const made = parseDirectory(row);
  unit.audit({ ...directoryObject(row), sentence: `Directory ${name} was made.`, after: made });
  return made;
}

/** Seals a bind password or client secret; null: there is none. */
export function sealCredentials(
  context: Pick<ManagerContext, 'masterKeys'>,
  id: string,
  credentials: string | undefined,
): string | null {
  if (credentials === undefined || credentials === '') return null;
  return context.masterKeys.secretBox().seal(Buffer.from(credentials), credentialsContext(id));
}

/** A directory, as the audit trail names what a change was about. */
export function directoryObject(row: DirectoryTable) {
  return { objectKind: 'directory', objectId: row.id, objectName: row.name };
}
