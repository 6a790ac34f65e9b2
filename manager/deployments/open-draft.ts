import { type RawBuilder, sql } from 'kysely';
import type { Reader } from '../database.ts';
import type { ProjectTable } from '../tables.ts';

/** A project that runs somewhere and whose draft was changed since it was placed last. */
export interface OpenDraft extends ProjectTable {
  /** Of the version that was placed last. */
  readonly content_hash: string;
  /** Of the version that was placed last; `draft_revision` is the draft's own. */
  readonly placed_revision: number;
  /** Name of the server group on which it was placed last. */
  readonly group_name: string;
  /** Epoch ms of the draft's newest change. */
  readonly changed_at: number;
}

/**
 * Drafts that were changed after they were placed last, those that lie longest first, and how many there are. Told by the revision: a draft
 * that was changed back is among them. Read out of indexes: nothing is looked at but the numbers of what runs.
 * @param before only those whose newest change is older, epoch ms; left out: all
 */
export async function listOpenDrafts(
  reader: Reader,
  asked: { readonly limit: number; readonly before?: number | undefined },
): Promise<{ readonly items: readonly OpenDraft[]; readonly total: number }> {
  const before = asked.before === undefined ? sql`` : sql`where changed_at < ${asked.before}`;
  const { rows } = await sql<OpenDraft & { total: number }>`
    with placed as (
      select deployments.project_id, deployments.version, deployments.server_group_id
      from deployments
      where state = 'live' and not exists (
        select 1 from deployments as later
        where later.project_id = deployments.project_id and later.state = 'live' and later.seq > deployments.seq)),
    open as (
      select projects.id, placed.server_group_id, versions.draft_revision as placed_revision, versions.content_hash, ${changedAt} as changed_at
      from placed
      join projects on projects.id = placed.project_id
      join versions on versions.project_id = placed.project_id and versions.number = placed.version
      where versions.draft_revision <> projects.draft_revision),
    wanted as materialized (select * from open ${before})
    select projects.*, wanted.placed_revision, wanted.content_hash, wanted.changed_at, server_groups.name as group_name,
      (select count(*) from wanted) as total
    from wanted
    join projects on projects.id = wanted.id
    join server_groups on server_groups.id = wanted.server_group_id
    order by wanted.changed_at, projects.id
    limit ${asked.limit}`.execute(reader);
  return { items: rows, total: Number(rows[0]?.total ?? 0) };
}

/** The newest change of a draft: its own, or that of a part; what was removed has left no instant. */
const changedAt: RawBuilder<number> = sql`(select max(at) from (
  select projects.updated_at as at union all ${newest('policies')} union all ${newest('resources')} union all ${newest('targets')} union all ${newest('policy_chains')}) as changes)`;

function newest(table: 'policies' | 'resources' | 'targets' | 'policy_chains'): RawBuilder<unknown> {
  const { ref } = sql;
  return sql`select max(${ref(`${table}.updated_at`)}) from ${sql.table(table)} where ${ref(`${table}.project_id`)} = projects.id`;
}
