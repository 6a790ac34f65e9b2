import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './child.ts';

/** The request that a contestant is loaded with. */
export interface LoadRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /** A form; GET requests have none. */
  readonly body?: string;
  /** Forms instead of the one body, made before each load. */
  readonly forms?: Forms;
  /** `Authorization` values, used in turn. */
  readonly authorizations?: readonly string[];
}

/** Forms with something of their own in each: a token, a code. */
export interface Forms {
  /** How many are made for a load. */
  readonly count: number;
  /**
   * `again`: used in turn, over and over. `once`: each is used once, and the load rests when all are. `follow`: each is used once, and the
   * refresh token of its answer makes the next, so that its `refresh_token` must be its last parameter.
   */
  readonly use: 'again' | 'once' | 'follow';
  create(count: number): Promise<readonly string[]>;
}

/** What the load generator saw. */
export interface LoadResult {
  readonly requests: number;
  /** How long it sent; less than asked for when its forms were used up. */
  readonly seconds: number;
  readonly perSecond: number;
  /** Answers with a status of 400 or above. */
  readonly refused: number;
  /** Connections, reads and writes that failed or took too long. */
  readonly broken: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** How the load is made. */
export interface LoadSettings {
  readonly core: number;
  readonly connections: number;
  readonly dir: string;
}

/** Form bodies are what every token end point takes. */
export const formType = 'application/x-www-form-urlencoded';

/** A load that is ready to begin. */
export interface PreparedLoad {
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Makes what a load sends, which is no part of what is measured. */
export async function prepareLoad(request: LoadRequest, { dir }: LoadSettings): Promise<PreparedLoad> {
  const env: Record<string, string> = { METHOD: request.method };
  if (request.body !== undefined) {
    env.BODY = request.body;
    env.CONTENT_TYPE = formType;
  }
  if (request.authorizations !== undefined) env.AUTHORIZATIONS = writeLines(dir, request.authorizations);
  if (request.forms !== undefined) {
    env.FORMS = writeLines(dir, await request.forms.create(request.forms.count));
    env.FORMS_USE = request.forms.use;
    env.CONTENT_TYPE = formType;
  }
  return { url: request.url, env };
}

function writeLines(dir: string, lines: readonly string[]): string {
  const path = join(dir, 'lines');
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  return path;
}

/** Runs a load from one pinned thread for `seconds`. @throws when wrk fails. */
export async function runLoad(load: PreparedLoad, seconds: number, settings: LoadSettings): Promise<LoadResult> {
  const wrk = ['wrk', '-t1', `-c${settings.connections}`, `-d${seconds}s`, '--timeout', '5s'];
  const args = ['-c', String(settings.core), ...wrk, '-s', join(import.meta.dirname, 'wrk.lua'), load.url];
  return parseLoadResult(await runCommand('taskset', args, { env: load.env }));
}

function parseLoadResult(output: string): LoadResult {
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  const seen = JSON.parse(line) as Record<'requests' | 'durationUs' | 'refused' | 'broken' | 'p50Us' | 'p99Us', number>;
  return {
    requests: seen.requests,
    seconds: seen.durationUs / 1e6,
    perSecond: seen.requests / (seen.durationUs / 1e6),
    refused: seen.refused,
    broken: seen.broken,
    p50Ms: seen.p50Us / 1000,
    p99Ms: seen.p99Us / 1000,
  };
}
