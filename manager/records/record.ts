import * as z from 'zod';
import { slugOf } from '#core/model/name';
import { ProblemError } from '#core/problem';
import type { Tx } from '../database.ts';
import { wrongValue } from '../http/validation.ts';
import type { RecordColumns } from '../tables.ts';
import type { Unit } from '../unit-of-work.ts';

/** What is given for a new record. */
export interface NewRecord {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly data: object;
}

/** The columns of a new record. */
export function newRecordColumns(unit: Unit, record: NewRecord): RecordColumns {
  return {
    id: record.id,
    name: record.name,
    ...nameColumns(record.name, record.displayName),
    revision: 1,
    created_at: unit.now,
    created_by: unit.actor.name,
    updated_at: unit.now,
    updated_by: unit.actor.name,
    data: JSON.stringify(record.data),
  };
}

/** The columns that a change of a record sets. */
export function changedRecordColumns(
  unit: Unit,
  row: RecordColumns,
  changes: { readonly displayName?: string; readonly data?: object },
) {
  return {
    ...(changes.displayName === undefined ? {} : nameColumns(row.name, changes.displayName)),
    ...(changes.data === undefined ? {} : { data: JSON.stringify(changes.data) }),
    revision: row.revision + 1,
    updated_at: unit.now,
    updated_by: unit.actor.name,
  };
}

/** The fields that every noun shows, out of its columns. */
export function recordFieldsOf(row: RecordColumns) {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    revision: row.revision,
    createdAt: Number(row.created_at),
    createdBy: row.created_by,
    updatedAt: Number(row.updated_at),
    updatedBy: row.updated_by,
  };
}

/** What stands as JSON in `data`. */
export function dataOf(row: Pick<RecordColumns, 'data'>): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).parse(JSON.parse(row.data));
}

/**
 * The name of a new noun: the given one, or the slug of its display name (decision 27).
 * @throws ProblemError when nothing of the display name is left
 */
export function nameFor(given: string | undefined, displayName: string): string {
  const name = given ?? slugOf(displayName);
  if (name !== '') return name;
  throw wrongValue('/name', 'required', 'No name can be made of this display name. Give it one.');
}

/** The problem of a name that another one has. */
export function nameTaken(noun: string, name: string): ProblemError {
  return new ProblemError('name_taken', `There is a ${noun} named ${name} already.`, {
    errors: [{ pointer: '/name', code: 'name_taken', message: 'Choose another name, or change the one that exists.' }],
  });
}

/** The problem of a reference that leads nowhere. */
export function notFound(noun: string, reference: string): ProblemError {
  return new ProblemError('not_found', `There is no ${noun} ${reference.slice(0, 128)}.`);
}

/** Tables whose names are unique as a whole. */
export type NamedTable =
  | 'projects'
  | 'server_groups'
  | 'products'
  | 'clients'
  | 'subscriptions'
  | 'management_keys'
  | 'users'
  | 'identity_providers'
  | 'directories'
  | 'token_stores';

/** @throws ProblemError `name_taken` */
export async function checkNameFree(tx: Tx, table: NamedTable, noun: string, name: string): Promise<void> {
  const taken = await tx.selectFrom(table).select('id').where('name', '=', name).executeTakeFirst();
  if (taken !== undefined) throw nameTaken(noun, name);
}

/** The same values with those that are undefined left out: what a patch really says. */
export function given<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  // Object.fromEntries forgets the types; the entries are the same ones.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
  };
}

function nameColumns(name: string, displayName: string) {
  return {
    display_name: displayName,
    display_key: displayName.toLowerCase(),
    search: `${name} ${displayName.toLowerCase()}`,
  };
}
