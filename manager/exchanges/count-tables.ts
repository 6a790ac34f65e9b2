import type { DatabaseSync } from 'node:sqlite';
import { mergeLatencies } from './latency-blob.ts';

/** Stands for all projects together: no project has this name. */
export const ALL_PROJECTS = '*';

/**
 * Makes the tables of counts, unless they are there. Each bucket's rows lie together, so that a stretch of time is a few seeks and forgetting
 * cuts off the begin of a table. `step` is the bucket's width in ms. Project `*` is the sum of all, so that a whole group costs no more
 * than one project. Counts of files from before there were histograms are taken over.
 */
export function openCountTables(db: DatabaseSync): void {
  db.function('merge_latencies', { deterministic: true }, mergeLatencies);
  db.exec(`
    CREATE TABLE IF NOT EXISTS count_traffic (
      step INTEGER NOT NULL, at INTEGER NOT NULL, project TEXT NOT NULL, server_group TEXT NOT NULL,
      requests INTEGER NOT NULL, client_errors INTEGER NOT NULL, server_errors INTEGER NOT NULL, took BLOB NOT NULL, added BLOB NOT NULL,
      PRIMARY KEY (step, at, project, server_group)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS count_outcomes (
      step INTEGER NOT NULL, at INTEGER NOT NULL, project TEXT NOT NULL, server_group TEXT NOT NULL,
      version INTEGER NOT NULL, status INTEGER NOT NULL, code TEXT NOT NULL, requests INTEGER NOT NULL,
      PRIMARY KEY (step, at, project, server_group, version, status, code)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS count_callers (
      step INTEGER NOT NULL, at INTEGER NOT NULL, project TEXT NOT NULL, server_group TEXT NOT NULL, client_id TEXT NOT NULL,
      requests INTEGER NOT NULL, failed INTEGER NOT NULL, took BLOB NOT NULL,
      PRIMARY KEY (step, at, project, server_group, client_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS count_cells (
      step INTEGER NOT NULL, at INTEGER NOT NULL, project TEXT NOT NULL, server_group TEXT NOT NULL,
      version INTEGER NOT NULL, status INTEGER NOT NULL, code TEXT NOT NULL, client_id TEXT NOT NULL, requests INTEGER NOT NULL,
      PRIMARY KEY (step, at, project, server_group, version, status, code, client_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS secret_uses (
      minute INTEGER NOT NULL, secret_id TEXT NOT NULL, uses INTEGER NOT NULL, PRIMARY KEY (minute, secret_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS counted_only (
      minute INTEGER NOT NULL, code TEXT NOT NULL, project TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (minute, code, project)
    ) STRICT, WITHOUT ROWID;
  `);
  const earlier = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'counts'").get();
  if (earlier !== undefined) db.exec(TAKE_OVER);
}

/** The tables whose rows have a step. */
export const STEPPED_TABLES = ['count_traffic', 'count_outcomes', 'count_callers', 'count_cells'] as const;

/** Earlier counts were by the minute, of no server group and without latencies. */
const TAKE_OVER = `
  BEGIN IMMEDIATE;
  CREATE TEMP TABLE widths (step INTEGER NOT NULL);
  INSERT INTO widths VALUES (60000), (3600000);
  CREATE TEMP VIEW earlier AS
    SELECT step, minute - minute % step AS at, project, version, status, code, client_id, sum(count) AS requests
    FROM main.counts, widths GROUP BY 1, 2, 3, 4, 5, 6, 7;
  CREATE TEMP VIEW earlier_and_all AS
    SELECT * FROM earlier UNION ALL SELECT step, at, '*', 0, status, code, client_id, requests FROM earlier;
  INSERT INTO count_cells SELECT step, at, project, '', version, status, code, client_id, requests FROM earlier;
  INSERT INTO count_outcomes
    SELECT step, at, project, '', version, status, code, sum(requests) FROM earlier_and_all GROUP BY step, at, project, version, status, code;
  INSERT INTO count_callers
    SELECT step, at, project, '', client_id, sum(requests), sum(iif(status >= 400, requests, 0)), x'' FROM earlier_and_all
    GROUP BY step, at, project, client_id;
  INSERT INTO count_traffic
    SELECT step, at, project, '', sum(requests), sum(iif(status BETWEEN 400 AND 499, requests, 0)), sum(iif(status >= 500, requests, 0)), x'', x''
    FROM earlier_and_all GROUP BY step, at, project;
  DROP VIEW earlier_and_all;
  DROP VIEW earlier;
  DROP TABLE widths;
  DROP TABLE main.counts;
  COMMIT;
`;
