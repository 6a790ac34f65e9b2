import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './child.ts';

/** The request that a contestant is loaded with. */
export interface LoadRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /** A form; GET requests have none. */
  readonly body?: string;
  /** `Authorization` values, used in turn. */
  readonly authorizations?: readonly string[];
}

/** What the load generator saw. */
export interface LoadResult {
  readonly requests: number;
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

/** Loads `request` from one pinned thread for `seconds`. @throws when wrk fails. */
export async function runLoad(request: LoadRequest, seconds: number, settings: LoadSettings): Promise<LoadResult> {
  const env: Record<string, string> = { METHOD: request.method };
  if (request.body !== undefined) {
    env.BODY = request.body;
    env.CONTENT_TYPE = formType;
  }
  if (request.authorizations !== undefined) {
    const path = join(settings.dir, 'authorizations');
    writeFileSync(path, `${request.authorizations.join('\n')}\n`, { mode: 0o600 });
    env.AUTHORIZATIONS = path;
  }
  const wrk = ['wrk', '-t1', `-c${settings.connections}`, `-d${seconds}s`, '--timeout', '5s'];
  const args = ['-c', String(settings.core), ...wrk, '-s', join(import.meta.dirname, 'wrk.lua'), request.url];
  return parseLoadResult(await runCommand('taskset', args, { env }));
}

function parseLoadResult(output: string): LoadResult {
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  const seen = JSON.parse(line) as Record<'requests' | 'durationUs' | 'refused' | 'broken' | 'p50Us' | 'p99Us', number>;
  return {
    requests: seen.requests,
    perSecond: seen.requests / (seen.durationUs / 1e6),
    refused: seen.refused,
    broken: seen.broken,
    p50Ms: seen.p50Us / 1000,
    p99Ms: seen.p99Us / 1000,
  };
}
