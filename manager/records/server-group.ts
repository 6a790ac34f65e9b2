import type { FeedServerGroup } from '#core/change-feed';
import { type CreateServerGroup, type ServerGroup, serverGroup } from '#core/model/server-group';
import type { Reader } from '../database.ts';
import type { ServerGroupTable } from '../tables.ts';
import type { Unit } from '../unit-of-work.ts';
import { dataOf, notFound, recordFieldsOf } from './record.ts';

/** A server group out of its row. */
export function parseServerGroup(row: ServerGroupTable): ServerGroup {
  return serverGroup.parse({ ...recordFieldsOf(row), ...dataOf(row) });
}

/** What of a server group stands in `data`. */
export function serverGroupData(value: Omit<CreateServerGroup, 'name' | 'displayName'>): object {
  const { description, publicUrl, authorizationUrl, errorDetail, whenStale } = value;
  return { description, publicUrl, authorizationUrl, errorDetail, whenStale };
}

/** @throws ProblemError `not_found` */
export async function getServerGroupRow(reader: Reader, reference: string): Promise<ServerGroupTable> {
  const row = await reader
    .selectFrom('server_groups')
    .selectAll()
    .where((group) => group.or([group('id', '=', reference), group('name', '=', reference)]))
    .executeTakeFirst();
  if (row === undefined) throw notFound('server group', reference);
  return row;
}

/** A server group by name or id. @throws ProblemError `not_found` */
export async function getServerGroup(reader: Reader, reference: string): Promise<ServerGroup> {
  return parseServerGroup(await getServerGroupRow(reader, reference));
}

/** Puts a server group into the change feed; all groups get it, since a token of another group is named in refusals. */
export function publishServerGroup(unit: Unit, group: ServerGroup): void {
  const { id, name, displayName, publicUrl, authorizationUrl, errorDetail, whenStale } = group;
  const payload: FeedServerGroup = {
    ...{ id, name, displayName, publicUrl, errorDetail, whenStale },
    ...(authorizationUrl !== '' && { authorizationUrl }),
  };
  unit.publish('server-group', id, payload);
}
