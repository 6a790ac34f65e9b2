import * as z from 'zod';
import type { FeedSubject } from '#core/change-feed';
import { plainOwnerName, resourceOwner, type ShownResourceOwner } from '#core/model/resource-owner';
import { ProblemError } from '#core/problem';
import type { ResourceOwner } from '#core/resource-owner';
import type { Reader } from '../database.ts';
import type { DirectoryTable, ResourceOwnerTable } from '../owners/tables.ts';
import type { Unit } from '../unit-of-work.ts';
import { dataOf, notFound, recordFieldsOf } from './record.ts';

/** A resource owner as they may be shown. `directory` is the name of theirs; `lockedUntil` comes from the tries. */
export function parseResourceOwner(
  row: ResourceOwnerTable,
  directory: string,
  lockedUntil?: number | undefined,
): ShownResourceOwner {
  return resourceOwner.parse({
    ...recordFieldsOf(row),
    email: emailOf(row),
    directory,
    active: row.active === 1,
    hasPassword: row.password_hash !== null,
    generation: row.generation,
    ...(row.state_changed_at !== null && { stateChangedAt: Number(row.state_changed_at) }),
    ...(row.state_changed_by !== null && { stateChangedBy: row.state_changed_by }),
    ...(row.state_reason !== null && { stateReason: row.state_reason }),
    ...(row.last_signed_in_at !== null && { lastSignedInAt: Number(row.last_signed_in_at) }),
    ...(lockedUntil !== undefined && { lockedUntil }),
  });
}

/** E-mail address of a resource owner; empty: none. */
export function emailOf(row: ResourceOwnerTable): string {
  return z.string().parse(dataOf(row).email ?? '');
}

/** What a gateway is told of a resource owner who signed in. */
export function ownerOf(row: ResourceOwnerTable): ResourceOwner {
  return { subject: row.id, username: row.name, displayName: row.display_name, generation: row.generation };
}

/** A resource owner and the directory of theirs. */
export interface PlacedOwner {
  readonly row: ResourceOwnerTable;
  readonly directory: DirectoryTable;
}

/**
 * The resource owner of an id, a name, or `directory:name`.
 * @throws ProblemError `not_found`, `state_conflict` when several directories have one of that name
 */
export async function getResourceOwner(reader: Reader, reference: string): Promise<PlacedOwner> {
  const [place, ...rest] = reference.split(':');
  const isPlaced = rest.length > 0;
  const name = plainOwnerName(isPlaced ? rest.join(':') : reference);
  const rows = await reader
    .selectFrom('resource_owners')
    .selectAll()
    .where((one) => one.or([one('id', '=', reference), one('name', '=', name)]))
    .limit(20)
    .execute();
  const directories = await directoriesOf(
    reader,
    rows.map((row) => row.directory_id),
  );
  const found = rows
    .flatMap((row) => {
      const directory = directories.get(row.directory_id);
      return directory === undefined ? [] : [{ row, directory }];
    })
    .filter(({ directory }) => !isPlaced || directory.name === place);
  const one = found.find(({ row }) => row.id === reference) ?? found[0];
  if (one === undefined) throw notFound('resource owner', reference);
  if (one.row.id === reference || found.length === 1) return one;
  const names = found
    .map(({ directory }) => `${directory.name}:${name}`)
    .sort()
    .join(', ');
  throw new ProblemError('state_conflict', `Several resource owners are named ${name}. Say which: ${names}.`);
}

/** Directories by id. */
export async function directoriesOf(
  reader: Reader,
  ids: readonly string[],
): Promise<ReadonlyMap<string, DirectoryTable>> {
  if (ids.length === 0) return new Map();
  const rows = await reader
    .selectFrom('directories')
    .selectAll()
    .where('id', 'in', [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** Puts the standing of a resource owner into the change feed. Until it changes once, nothing is there: active, generation 0. */
export function publishSubject(unit: Unit, row: ResourceOwnerTable): void {
  const payload: FeedSubject = {
    id: row.id,
    active: row.active === 1,
    generation: row.generation,
    changedBy: row.state_changed_by ?? unit.actor.name,
    changedAt: Number(row.state_changed_at ?? unit.now),
    ...(row.state_reason !== null && { changedReason: row.state_reason }),
  };
  unit.publish('subject', row.id, payload);
}

/** The columns that say who changed a standing, when and why. */
export function subjectStateColumns(unit: Unit, reason: string | undefined) {
  return { state_changed_at: unit.now, state_changed_by: unit.actor.name, state_reason: reason ?? null };
}
