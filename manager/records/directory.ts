import * as z from 'zod';
import type { FeedDirectory } from '#core/change-feed';
import { DIRECTORY_KINDS, type Directory, directory } from '#core/model/directory';
import type { SealContext, SecretBox } from '#core/secret-box';
import type { Reader, Tx } from '../database.ts';
import type { DirectoryTable } from '../owners/tables.ts';
import type { Unit } from '../unit-of-work.ts';
import { dataOf, notFound, recordFieldsOf } from './record.ts';

/** A directory as it may be shown: never its credentials. */
export function parseDirectory(row: DirectoryTable): Directory {
  return directory.parse({
    ...recordFieldsOf(row),
    ...dataOf(row),
    kind: row.kind,
    active: row.active === 1,
    hasCredentials: row.credentials !== null,
  });
}

/** What of a directory stands in `data`. */
export function directoryData({ createOwners, ldap, oidc }: Pick<Directory, 'createOwners' | 'ldap' | 'oidc'>): object {
  return { createOwners, ldap, oidc };
}

/** Where the credentials of a directory stand, sealed. */
export function credentialsContext(id: string): SealContext {
  return { table: 'directories', row: id, column: 'credentials' };
}

/** The bind password or client secret of a directory; empty: it has none. @throws SealError */
export function openCredentials(row: DirectoryTable, box: SecretBox): string {
  return row.credentials === null ? '' : box.open(row.credentials, credentialsContext(row.id)).toString();
}

/** @throws ProblemError `not_found` */
export async function getDirectoryRow(reader: Reader, reference: string): Promise<DirectoryTable> {
  const row = await reader
    .selectFrom('directories')
    .selectAll()
    .where((one) => one.or([one('id', '=', reference), one('name', '=', reference)]))
    .executeTakeFirst();
  if (row === undefined) throw notFound('directory', reference);
  return row;
}

/** Puts a directory into the change feed; one that is off is not there. */
export function publishDirectory(unit: Unit, row: DirectoryTable): void {
  const payload: FeedDirectory = {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    kind: z.enum(DIRECTORY_KINDS).parse(row.kind),
  };
  unit.publish('directory', row.id, row.active === 1 ? payload : undefined);
}

/** Seals credentials with the current master key, where they are not. Gives how many records changed. */
export async function resealDirectoryCredentials(tx: Tx, box: SecretBox): Promise<number> {
  const rows = await tx.selectFrom('directories').select(['id', 'credentials']).execute();
  let changed = 0;
  for (const { id, credentials } of rows) {
    if (credentials === null) continue;
    const sealed = box.reseal(credentials, credentialsContext(id));
    if (sealed === credentials) continue;
    await tx.updateTable('directories').set({ credentials: sealed }).where('id', '=', id).execute();
    changed += 1;
  }
  return changed;
}
