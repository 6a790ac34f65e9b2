import { sql } from 'kysely';
import * as z from 'zod';
import { newId } from '#core/id';
import { createResourceOwner, patchResourceOwner, resourceOwner, setOwnerPassword } from '#core/model/resource-owner';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { wrongValue } from '../http/validation.ts';
import { booleanFilter, listQuery, listRecords, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';
import { newOwnerRow, ownerObject } from '../owners/admit.ts';
import { forgetEverything } from '../owners/grants.ts';
import { showOwner, unlockOwner, updateOwner } from '../owners/shown-owner.ts';
import type { DirectoryTable, ResourceOwnerTable } from '../owners/tables.ts';
import { checkPassword } from '../people/weak-password.ts';
import { getDirectoryRow } from '../records/directory.ts';
import { changedRecordColumns, given, nameTaken } from '../records/record.ts';
import {
  directoriesOf,
  emailOf,
  getResourceOwner,
  parseResourceOwner,
  publishSubject,
  subjectStateColumns,
} from '../records/resource-owner.ts';
import { checkRevision } from '../revision.ts';
import { change } from '../unit-of-work.ts';

/** No fields at all. */
const nothingAtAll = z.strictObject({});

/** Resource owners: who signs in at authorization end points. */
export const resourceOwnerOperations = [
  operation({
    id: 'resourceOwners.list',
    method: 'GET',
    path: '/resource-owners',
    permission: 'resource-owners:read',
    summary: 'List the resource owners.',
    query: listQuery({
      active: booleanFilter.optional().describe('true: enabled ones only; false: disabled ones.'),
      directory: pathParams('directory').shape.directory.optional().describe('Only those of this directory.'),
    }),
    response: pageOf(resourceOwner),
    handler: async ({ context, query }) => {
      const { read } = context.db;
      const conditions = query.active === undefined ? [] : [sql`active = ${query.active ? 1 : 0}`];
      if (query.directory !== undefined)
        conditions.push(sql`directory_id = ${(await getDirectoryRow(read, query.directory)).id}`);
      const page = await listRecords<ResourceOwnerTable>(read, 'resource_owners', query, conditions);
      const directories = await directoriesOf(
        read,
        page.items.map((row) => row.directory_id),
      );
      const items = page.items.flatMap((row) => {
        const directory = directories.get(row.directory_id);
        return directory === undefined ? [] : [showOwner(context, { row, directory })];
      });
      return { body: { ...page, items } };
    },
  }),
  operation({
    id: 'resourceOwners.create',
    method: 'POST',
    path: '/resource-owners',
    permission: 'resource-owners:write',
    summary: 'Make a resource owner, or make one of an outside directory ready.',
    body: createResourceOwner,
    response: resourceOwner,
    status: 201,
    handler: async ({ context, actor, body }) => {
      const { name, email, password } = body;
      const target = await getDirectoryRow(context.db.read, body.directory);
      const passwordHash =
        password === undefined ? undefined : await hashFor(context, { directory: target, name, password });
      const made = await change(context, actor, async (unit) => {
        const directory = await getDirectoryRow(unit.tx, target.id);
        await checkOwnerNameFree(unit.tx, directory, name);
        const id = newId('own', context.random);
        const displayName = body.displayName ?? name.slice(0, 64);
        const row = newOwnerRow(unit, { id, name, displayName, email, directoryId: directory.id, passwordHash });
        await unit.tx.insertInto('resource_owners').values(row).execute();
        const after = parseResourceOwner(row, directory.name);
        unit.audit({ ...ownerObject(row), sentence: `Resource owner ${name} was made in ${directory.name}.`, after });
        return after;
      });
      return { body: made, revision: made.revision, location: `/resource-owners/${made.id}` };
    },
  }),
  operation({
    id: 'resourceOwners.get',
    method: 'GET',
    path: '/resource-owners/:owner',
    permission: 'resource-owners:read',
    summary: 'Read a resource owner; `directory:name` when several directories have that name.',
    params: pathParams('owner'),
    response: resourceOwner,
    handler: async ({ context, params }) => {
      const found = await getResourceOwner(context.db.read, params.owner);
      return { body: showOwner(context, found), revision: found.row.revision };
    },
  }),
  operation({
    id: 'resourceOwners.update',
    method: 'PATCH',
    path: '/resource-owners/:owner',
    permission: 'resource-owners:write',
    summary: 'Change a resource owner.',
    params: pathParams('owner'),
    body: patchResourceOwner,
    response: resourceOwner,
    ifMatch: true,
    handler: async ({ context, actor, params, body, ifMatch }) => {
      const changed = await change(context, actor, async (unit) => {
        const { row, directory } = await getResourceOwner(unit.tx, params.owner);
        checkRevision(ifMatch, row.revision);
        const { displayName = row.display_name, email = emailOf(row) } = given(body);
        const columns = changedRecordColumns(unit, row, { displayName, data: { email } });
        const after = await updateOwner(unit, { row, directory }, columns);
        unit.audit({
          ...ownerObject(row),
          sentence: `Resource owner ${row.name} was changed.`,
          before: parseResourceOwner(row, directory.name),
          after: parseResourceOwner(after, directory.name),
        });
        return { row: after, directory };
      });
      return { body: showOwner(context, changed), revision: changed.row.revision };
    },
  }),
  operation({
    id: 'resourceOwners.delete',
    method: 'DELETE',
    path: '/resource-owners/:owner',
    permission: 'resource-owners:write',
    summary: 'Delete a resource owner: every token, grant and consent of theirs ends, for good.',
    params: pathParams('owner'),
    ifMatch: true,
    handler: async ({ context, actor, params, ifMatch }) => {
      await change(context, actor, async (unit) => {
        const { row, directory } = await getResourceOwner(unit.tx, params.owner);
        checkRevision(ifMatch, row.revision);
        await unit.tx.deleteFrom('resource_owners').where('id', '=', row.id).execute();
        // No tombstone: a gateway that finds nothing takes a subject for active. The subject is never used again.
        const gone = { ...row, active: 0, generation: row.generation + 1, ...subjectStateColumns(unit, 'deleted') };
        publishSubject(unit, gone);
        unit.audit({
          ...ownerObject(row),
          sentence: `Resource owner ${row.name} was deleted; their tokens are revoked.`,
          before: parseResourceOwner(row, directory.name),
        });
        await forgetEverything(context, row.id, { by: actor.name, at: unit.now, reason: 'deleted' });
      });
      return { body: undefined };
    },
  }),
  operation({
    id: 'resourceOwners.setPassword',
    method: 'POST',
    path: '/resource-owners/:owner/password',
    permission: 'resource-owners:write',
    summary:
      'Set the password of a resource owner of a local directory, and revoke their tokens unless told otherwise.',
    params: pathParams('owner'),
    body: setOwnerPassword,
    response: resourceOwner,
    handler: async ({ context, actor, params, body }) => {
      const seen = await getResourceOwner(context.db.read, params.owner);
      const { directory: of, row: owner } = seen;
      const password_hash = await hashFor(context, { directory: of, name: owner.name, password: body.password });
      const changed = await change(context, actor, async (unit) => {
        const { row, directory } = await getResourceOwner(unit.tx, owner.id);
        const standing = body.revokeTokens
          ? { generation: row.generation + 1, ...subjectStateColumns(unit, 'another password') }
          : {};
        const columns = { ...changedRecordColumns(unit, row, {}), password_hash, ...standing };
        const after = await updateOwner(unit, { row, directory }, columns);
        if (body.revokeTokens) publishSubject(unit, after);
        const words = body.revokeTokens ? '; their tokens are revoked' : '';
        unit.audit({ ...ownerObject(row), sentence: `A password was set for resource owner ${row.name}${words}.` });
        return { row: after, directory };
      });
      unlockOwner(context, changed);
      return { body: showOwner(context, changed), revision: changed.row.revision };
    },
  }),
  operation({
    id: 'resourceOwners.unlock',
    method: 'POST',
    path: '/resource-owners/:owner/unlock',
    permission: 'resource-owners:write',
    summary: 'Forget the failed sign-ins of a resource owner.',
    params: pathParams('owner'),
    body: nothingAtAll,
    response: resourceOwner,
    handler: async ({ context, actor, params }) => {
      const found = await change(context, actor, async (unit) => {
        const placed = await getResourceOwner(unit.tx, params.owner);
        unit.audit({ ...ownerObject(placed.row), sentence: `Resource owner ${placed.row.name} was unlocked.` });
        return placed;
      });
      unlockOwner(context, found);
      return { body: showOwner(context, found), revision: found.row.revision };
    },
  }),
];

/** @throws ProblemError `validation_failed` for a directory that checks passwords itself, or a password that is tried first */
async function hashFor(
  context: ManagerContext,
  wish: { readonly directory: DirectoryTable; readonly name: string; readonly password: string },
): Promise<string> {
  const { directory, name, password } = wish;
  if (directory.kind !== 'local')
    throw wrongValue('/password', 'not_allowed', `Who signs in through ${directory.name} has no password here.`);
  checkPassword(password, { name });
  return context.services.owners.passwords.hash(password);
}

async function checkOwnerNameFree(reader: Reader, directory: DirectoryTable, name: string): Promise<void> {
  const taken = await reader
    .selectFrom('resource_owners')
    .select('id')
    .where('directory_id', '=', directory.id)
    .where('name', '=', name)
    .executeTakeFirst();
  if (taken !== undefined) throw nameTaken('resource owner', name);
}
