import {
  type CreateDirectory,
  checkDirectoryRequest,
  createDirectory,
  type Directory,
  directory,
  directoryCheck,
  type PatchDirectory,
  patchDirectory,
} from '#core/model/directory';
import { ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import { wrongValue } from '../http/validation.ts';
import { listQuery, listRecords, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';
import { checkDirectoryServer } from '../owners/check-directory.ts';
import { checkDirectoryUnused } from '../owners/directory-in-use.ts';
import { checkDirectory } from '../owners/directory-rules.ts';
import { type DirectorySettings, directoryObject, insertDirectory, sealCredentials } from '../owners/make-directory.ts';
import type { DirectoryTable } from '../owners/tables.ts';
import { directoryData, getDirectoryRow, parseDirectory, publishDirectory } from '../records/directory.ts';
import { changedRecordColumns, checkNameFree, given, nameFor } from '../records/record.ts';
import { checkRevision } from '../revision.ts';
import { change, type Unit } from '../unit-of-work.ts';

/** Directories of resource owners: who may sign in at authorization end points, and what checks it. */
export const directoryOperations = [
  operation({
    id: 'directories.list',
    method: 'GET',
    path: '/directories',
    permission: 'directories:read',
    summary: 'List the directories of resource owners.',
    query: listQuery({}),
    response: pageOf(directory),
    handler: async ({ context, query }) => {
      const page = await listRecords<DirectoryTable>(context.db.read, 'directories', query);
      return { body: { ...page, items: page.items.map(parseDirectory) } };
    },
  }),
  operation({
    id: 'directories.create',
    method: 'POST',
    path: '/directories',
    permission: 'directories:write',
    summary: 'Make a directory of resource owners: local, an LDAP server, or an OpenID Connect provider.',
    body: createDirectory,
    response: directory,
    status: 201,
    handler: async ({ context, actor, body }) => {
      const name = nameFor(body.name, body.displayName);
      const { settings, credentials } = splitCreate(body);
      checkDirectory(settings);
      const made = await change(context, actor, async (unit) => {
        await checkNameFree(unit.tx, 'directories', 'directory', name);
        return insertDirectory(unit, context, { name, settings, credentials });
      });
      return { body: made, revision: made.revision, location: `/directories/${made.name}` };
    },
  }),
  operation({
    id: 'directories.get',
    method: 'GET',
    path: '/directories/:directory',
    permission: 'directories:read',
    summary: 'Read a directory of resource owners.',
    params: pathParams('directory'),
    response: directory,
    handler: async ({ context, params }) => {
      const row = await getDirectoryRow(context.db.read, params.directory);
      return { body: parseDirectory(row), revision: row.revision };
    },
  }),
  operation({
    id: 'directories.update',
    method: 'PATCH',
    path: '/directories/:directory',
    permission: 'directories:write',
    summary: 'Change a directory of resource owners.',
    params: pathParams('directory'),
    body: patchDirectory,
    response: directory,
    ifMatch: true,
    handler: async ({ context, actor, params, body, ifMatch }) => {
      const changed = await change(context, actor, async (unit) => {
        const row = await getDirectoryRow(unit.tx, params.directory);
        checkRevision(ifMatch, row.revision);
        return updateDirectory(unit, context, { row, body });
      });
      return { body: changed, revision: changed.revision };
    },
  }),
  operation({
    id: 'directories.delete',
    method: 'DELETE',
    path: '/directories/:directory',
    permission: 'directories:write',
    summary: 'Delete a directory in which nobody is.',
    params: pathParams('directory'),
    ifMatch: true,
    handler: async ({ context, actor, params, ifMatch }) => {
      await change(context, actor, async (unit) => {
        const row = await getDirectoryRow(unit.tx, params.directory);
        checkRevision(ifMatch, row.revision);
        if (await hasOwners(unit, row))
          throw new ProblemError(
            'in_use',
            `There are resource owners in ${row.name}. Delete them first, or turn it off.`,
          );
        await checkDirectoryUnused(unit, context, { directory: row, doing: 'deleted' });
        await unit.tx.deleteFrom('directories').where('id', '=', row.id).execute();
        unit.publish('directory', row.id, undefined);
        const before = parseDirectory(row);
        unit.audit({ ...directoryObject(row), sentence: `Directory ${row.name} was deleted.`, before });
      });
      return { body: undefined };
    },
  }),
  operation({
    id: 'directories.check',
    method: 'POST',
    path: '/directories/:directory/check',
    permission: 'directories:write',
    summary: 'Ask the server of a directory whether it can be used as it is set; with a name: whom it knows by it.',
    params: pathParams('directory'),
    body: checkDirectoryRequest,
    response: directoryCheck,
    handler: async ({ context, actor, params, body }) => {
      const row = await getDirectoryRow(context.db.read, params.directory);
      await change(context, actor, async (unit) =>
        unit.audit({
          ...directoryObject(row),
          sentence: `The server of directory ${row.name} was asked, for a check.`,
        }),
      );
      return { body: await checkDirectoryServer(context, row, body.username) };
    },
  }),
];

async function updateDirectory(
  unit: Unit,
  context: ManagerContext,
  { row, body }: { readonly row: DirectoryTable; readonly body: PatchDirectory },
): Promise<Directory> {
  const before = parseDirectory(row);
  const { ldap = {}, oidc = {}, ...rest } = given(body);
  const { bindPassword, ...ldapFields } = given(ldap);
  const { clientSecret, ...oidcFields } = given(oidc);
  const credentials = bindPassword ?? clientSecret;
  const wanted: DirectorySettings = {
    ...before,
    ...rest,
    ldap: before.ldap && { ...before.ldap, ...ldapFields },
    oidc: before.oidc && { ...before.oidc, ...oidcFields },
  };
  if (body.ldap !== undefined && before.ldap === undefined) throw notOfKind('/ldap', before.kind);
  if (body.oidc !== undefined && before.oidc === undefined) throw notOfKind('/oidc', before.kind);
  checkDirectory(wanted);
  if (before.active && !wanted.active)
    await checkDirectoryUnused(unit, context, { directory: row, doing: 'turned off' });
  const pointer = before.kind === 'ldap' ? '/ldap/bindPassword' : '/oidc/clientSecret';
  if (row.credentials !== null && credentials === undefined && goesElsewhere(before, wanted))
    throw wrongValue(pointer, 'required', 'What is kept was given for the server of before. Give it again.');
  if (isAnotherPlace(before, wanted) && (await hasOwners(unit, row)))
    throw new ProblemError(
      'state_conflict',
      `Resource owners of ${row.name} are known by the ids that it gave them. Make another directory for another server.`,
    );
  const columns = {
    ...changedRecordColumns(unit, row, { displayName: wanted.displayName, data: directoryData(wanted) }),
    active: wanted.active ? 1 : 0,
    ...(credentials === undefined ? {} : { credentials: sealCredentials(context, row.id, credentials) }),
  };
  await unit.tx.updateTable('directories').set(columns).where('id', '=', row.id).execute();
  publishDirectory(unit, { ...row, ...columns });
  const after = parseDirectory({ ...row, ...columns });
  unit.audit({ ...directoryObject(row), sentence: `Directory ${row.name} was changed.`, before, after });
  return after;
}

function splitCreate(body: CreateDirectory): {
  readonly settings: DirectorySettings;
  readonly credentials: string | undefined;
} {
  const { displayName, kind, active, createOwners } = body;
  const { bindPassword, ...ldap } = body.ldap ?? {};
  const { clientSecret, ...oidc } = body.oidc ?? {};
  const settings = directory
    .pick({ displayName: true, kind: true, active: true, createOwners: true, ldap: true, oidc: true })
    .parse({
      ...{ displayName, kind, active, createOwners },
      ...(body.ldap && { ldap }),
      ...(body.oidc && { oidc }),
    });
  return { settings, credentials: bindPassword ?? clientSecret };
}

function notOfKind(pointer: string, kind: string): ProblemError {
  return wrongValue(pointer, 'not_allowed', `A directory of the kind ${kind} has none.`);
}

/** True when what is kept would be shown to another server, or less protected. */
function goesElsewhere(before: DirectorySettings, after: DirectorySettings): boolean {
  const place = ({ ldap, oidc }: DirectorySettings) => [ldap?.url, ldap?.startTls, ldap?.ca, oidc?.issuer].join(' ');
  return place(before) !== place(after);
}

/** Another issuer's or attribute's ids are other people. */
function isAnotherPlace(before: DirectorySettings, after: DirectorySettings): boolean {
  return before.oidc?.issuer !== after.oidc?.issuer || before.ldap?.idAttribute !== after.ldap?.idAttribute;
}

async function hasOwners(unit: Unit, { id }: DirectoryTable): Promise<boolean> {
  const row = await unit.tx
    .selectFrom('resource_owners')
    .select('id')
    .where('directory_id', '=', id)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
