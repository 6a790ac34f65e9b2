import { sql } from 'kysely';
import type { Reader } from '../database.ts';
import { engineOf, jsonField } from '../engine.ts';
import { HITS_OF_KIND, type RankedHit } from './search-hit.ts';
import { beginsWith } from './search-records.ts';

/** A path has at most so many segments that a context path is looked for in. */
const SEGMENTS = 12;

/** Projects whose context path, and resources whose path, begins with what was typed; also `/orders/items` as context path and resource. */
export async function searchPaths(reader: Reader, q: string): Promise<RankedHit[]> {
  const { rows: projects } = await sql<ProjectRow>`select name, display_name, context_path from projects
    where ${beginsWith('context_path', q)} order by context_path limit ${HITS_OF_KIND}`.execute(reader);
  return [
    ...projects.map(
      ({ name, display_name, context_path }): RankedHit => ({
        rank: 0,
        hit: { kind: 'project', title: display_name, detail: context_path, link: `/projects/${name}` },
      }),
    ),
    ...(await searchResources(reader, q)),
  ];
}

interface ProjectRow {
  readonly name: string;
  readonly display_name: string;
  readonly context_path: string;
}

interface ResourceRow {
  readonly name: string;
  readonly path: string;
  readonly project: string;
  readonly context_path: string;
}

async function searchResources(reader: Reader, q: string): Promise<RankedHit[]> {
  const path = jsonField(engineOf(reader), 'resources.data', 'path');
  const columns = sql`resources.name, ${path} as path, projects.name as project, projects.context_path`;
  const { rows: plain } =
    await sql<ResourceRow>`select ${columns} from resources join projects on projects.id = resources.project_id
    where ${beginsWith(path, q)} order by ${path}, resources.id limit ${HITS_OF_KIND}`.execute(reader);
  const splits = cuts(q).map(
    ([context, rest]) => sql`(projects.context_path = ${context} and ${beginsWith(path, rest)})`,
  );
  const whole =
    splits.length === 0
      ? []
      : (
          await sql<ResourceRow>`select ${columns} from projects join resources on resources.project_id = projects.id
            where projects.context_path in (${sql.join(cuts(q).map(([context]) => context))}) and (${sql.join(splits, sql` or `)})
            limit ${HITS_OF_KIND}`.execute(reader)
        ).rows;
  const seen = new Map([...whole, ...plain].map((row) => [`${row.project} ${row.name}`, row]));
  return [...seen.values()].slice(0, HITS_OF_KIND).map(
    (row): RankedHit => ({
      rank: 0,
      hit: {
        kind: 'resource',
        title: (row.context_path === '/' ? '' : row.context_path) + row.path,
        detail: `${row.name} of ${row.project}`,
        link: `/projects/${row.project}/resources/${row.name}`,
      },
    }),
  );
}

/** `/a/b/c` as context path and what begins behind it: [`/a`, `/b/c`], [`/a/b`, `/c`]. */
function cuts(q: string): [context: string, rest: string][] {
  const places = [...q.matchAll(/\//g)].map(({ index }) => index).filter((index) => index > 0);
  return places.slice(0, SEGMENTS).map((index) => [q.slice(0, index), q.slice(index)]);
}

/** Subscriptions whose consumer key begins with what was typed. */
export async function searchConsumerKeys(reader: Reader, q: string): Promise<RankedHit[]> {
  const { rows } = await sql<{ name: string; consumer_key: string }>`select name, consumer_key from subscriptions
    where ${beginsWith('consumer_key', q)} order by consumer_key limit ${HITS_OF_KIND}`.execute(reader);
  return rows.map(({ name, consumer_key }) => ({
    rank: 0,
    hit: { kind: 'subscription', title: name, detail: `Consumer key ${consumer_key}`, link: `/subscriptions/${name}` },
  }));
}
