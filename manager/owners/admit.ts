import { newId } from '#core/id';
import { lineOf } from '#core/model/name';
import { ownerNameSchema } from '#core/model/resource-owner';
import type { Random } from '#core/random';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { parseDirectory } from '../records/directory.ts';
import { changedRecordColumns, newRecordColumns, notFound } from '../records/record.ts';
import { emailOf, parseResourceOwner } from '../records/resource-owner.ts';
import { type Actor, change, type Unit } from '../unit-of-work.ts';
import type { DirectoryTable, ResourceOwnerTable } from './tables.ts';

/** What a directory says of somebody who proved who they are. */
export interface VouchedPerson {
  /** Never given to somebody else by that directory. */
  readonly externalId: string;
  readonly name: string;
  readonly displayName: string;
  readonly email: string;
}

const actor: Actor = {
  name: 'system',
  via: 'system',
  operation: 'owners.signIn',
  keyId: undefined,
  requestId: undefined,
};

/**
 * The resource owner that somebody is for whom a directory vouches: known by the directory's id, made ready under that name, or made now
 * where the settings say so. What the directory says of them is kept.
 * @returns undefined when they may not come in
 */
export async function admitOwner(
  context: ManagerContext,
  directory: DirectoryTable,
  person: VouchedPerson,
): Promise<ResourceOwnerTable | undefined> {
  const externalId = person.externalId.slice(0, 512);
  const known = await context.db.read
    .selectFrom('resource_owners')
    .selectAll()
    .where('directory_id', '=', directory.id)
    .where('external_id', '=', externalId)
    .executeTakeFirst();
  const said = saidOf(person, known);
  if (known !== undefined && isAsSaid(known, said)) return known;
  const { createOwners } = parseDirectory(directory);
  const isPrepared = async () =>
    (await findRow(context.db.read, directory, { externalId, name: said.name })) !== undefined;
  if (!createOwners && !(await isPrepared())) return undefined;
  return change(context, { ...actor, name: directory.name }, async (unit) => {
    const row = await findRow(unit.tx, directory, { externalId, name: said.name });
    if (row !== undefined) return update(unit, { directory, row, externalId, said });
    if (!createOwners) throw notFound('resource owner', said.name ?? externalId);
    return create(unit, { directory, externalId, said, random: context.random });
  });
}

interface Said {
  /** Undefined when the directory's name for them cannot be one. */
  readonly name: string | undefined;
  readonly displayName: string;
  readonly email: string;
}

function saidOf(person: VouchedPerson, known: ResourceOwnerTable | undefined): Said {
  const name = ownerNameSchema.safeParse(person.name);
  const displayName = lineOf(person.displayName).trim().slice(0, 64);
  const isEmail = /^[^\s@]{1,64}@[^\s@]{1,180}$/.test(person.email);
  return {
    name: name.success ? name.data : known?.name,
    displayName:
      displayName === '' ? (known?.display_name ?? (name.success ? name.data.slice(0, 64) : '')) : displayName,
    email: isEmail ? person.email : '',
  };
}

function isAsSaid(row: ResourceOwnerTable, said: Said): boolean {
  return row.name === said.name && row.display_name === said.displayName && emailOf(row) === said.email;
}

async function findRow(
  reader: Reader,
  directory: DirectoryTable,
  wanted: { readonly externalId: string; readonly name: string | undefined },
): Promise<ResourceOwnerTable | undefined> {
  const inDirectory = reader.selectFrom('resource_owners').selectAll().where('directory_id', '=', directory.id);
  const linked = await inDirectory.where('external_id', '=', wanted.externalId).executeTakeFirst();
  if (linked !== undefined || wanted.name === undefined) return linked;
  return inDirectory.where('name', '=', wanted.name).where('external_id', 'is', null).executeTakeFirst();
}

async function create(
  unit: Unit,
  given: {
    readonly directory: DirectoryTable;
    readonly externalId: string;
    readonly said: Said;
    readonly random: Random;
  },
): Promise<ResourceOwnerTable> {
  const { directory, externalId, said, random } = given;
  const id = newId('own', random);
  const name = said.name ?? id.toLowerCase();
  await freeName(unit, { directory, name, id });
  const displayName = said.displayName === '' ? name.slice(0, 64) : said.displayName;
  const row = newOwnerRow(unit, { id, name, displayName, email: said.email, directoryId: directory.id, externalId });
  await unit.tx.insertInto('resource_owners').values(row).execute();
  const after = parseResourceOwner(row, directory.name);
  unit.audit({
    ...ownerObject(row),
    sentence: `Resource owner ${name} was made at their first sign-in through ${directory.name}.`,
    after,
  });
  return row;
}

async function update(
  unit: Unit,
  given: {
    readonly directory: DirectoryTable;
    readonly row: ResourceOwnerTable;
    readonly externalId: string;
    readonly said: Said;
  },
): Promise<ResourceOwnerTable> {
  const { directory, row, externalId, said } = given;
  const name = said.name ?? row.name;
  if (name !== row.name) await freeName(unit, { directory, name, id: row.id });
  const displayName = said.displayName === '' ? row.display_name : said.displayName;
  const named = { ...row, name };
  const after = {
    ...named,
    ...changedRecordColumns(unit, named, { displayName, data: { email: said.email } }),
    external_id: externalId,
  };
  await unit.tx.updateTable('resource_owners').set(after).where('id', '=', row.id).execute();
  unit.audit({
    ...ownerObject(after),
    sentence: `${directory.name} says something else of resource owner ${row.name}.`,
    before: parseResourceOwner(row, directory.name),
    after: parseResourceOwner(after, directory.name),
  });
  return after;
}

/** A name that the directory gave to somebody else since: whoever had it is known by their id from now on, and stays another subject. */
async function freeName(
  unit: Unit,
  { directory, name, id }: { readonly directory: DirectoryTable; readonly name: string; readonly id: string },
): Promise<void> {
  const row = await unit.tx
    .selectFrom('resource_owners')
    .selectAll()
    .where('directory_id', '=', directory.id)
    .where('name', '=', name)
    .where('id', '!=', id)
    .executeTakeFirst();
  if (row === undefined) return;
  const named = { ...row, name: row.id.toLowerCase() };
  const after = { ...named, ...changedRecordColumns(unit, named, { displayName: row.display_name }) };
  await unit.tx.updateTable('resource_owners').set(after).where('id', '=', row.id).execute();
  unit.audit({
    ...ownerObject(after),
    sentence: `The name ${name} is somebody else's in ${directory.name} now; who had it is named ${after.name}.`,
    before: parseResourceOwner(row, directory.name),
    after: parseResourceOwner(after, directory.name),
  });
}

/** A resource owner who never signed in and whose standing never changed. */
export function newOwnerRow(
  unit: Unit,
  wish: {
    readonly id: string;
    readonly name: string;
    readonly displayName: string;
    readonly email: string;
    readonly directoryId: string;
    readonly externalId?: string;
    readonly passwordHash?: string | undefined;
  },
): ResourceOwnerTable {
  const { id, name, displayName, email } = wish;
  return {
    ...newRecordColumns(unit, { id, name, displayName, data: { email } }),
    directory_id: wish.directoryId,
    active: 1,
    generation: 0,
    state_changed_at: null,
    state_changed_by: null,
    state_reason: null,
    external_id: wish.externalId ?? null,
    password_hash: wish.passwordHash ?? null,
    last_signed_in_at: null,
  };
}

/** A resource owner, as the audit trail names what a change was about. */
export function ownerObject(row: ResourceOwnerTable) {
  return { objectKind: 'resource-owner', objectId: row.id, objectName: row.name };
}
