import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from './answer.ts';
import { openChild } from './child.ts';
import type { Running, StartContext, WorkName } from './contestant.ts';
import type { LoadRequest } from './load.ts';

/** A server in Node that prints `{"port":…}` when it listens. */
export interface NodeServerSpec {
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly work: WorkName;
  /** The request for its work. */
  createRequest(url: string): LoadRequest;
  /** Requests of further works. */
  createFurther?(url: string): Running['requests'];
}

/** The client that token contestants without a console are given. */
export const benchClient = { id: 'bench-client', secret: 'bench-secret-bench-secret-bench-0001' } as const;

/** A token request with the secret in the form (RFC 6749 §2.3.1, §4.4.2). */
export function createTokenRequest(url: string, client: { readonly id: string; readonly secret: string }): LoadRequest {
  const form = { grant_type: 'client_credentials', client_id: client.id, client_secret: client.secret };
  return { url, method: 'POST', body: new URLSearchParams(form).toString() };
}

/** Starts a server in this run's Node and waits for its first right answer. */
export async function openNodeServer(spec: NodeServerSpec, context: StartContext): Promise<Running> {
  mkdirSync(context.dir, { recursive: true });
  const launchedAt = performance.now();
  const child = await openChild({
    command: process.execPath,
    args: [spec.script],
    env: { NODE_ENV: 'production', ...spec.env },
    core: context.core,
    logPath: join(context.dir, 'server.log'),
  });
  try {
    const { port } = JSON.parse(await child.firstLine) as { port: number };
    const url = `http://127.0.0.1:${port}`;
    const request = spec.createRequest(url);
    await waitFor(request, spec.work, child);
    return {
      pid: child.pid,
      requests: { [spec.work]: request, ...spec.createFurther?.(url) },
      firstAnswerMs: performance.now() - launchedAt,
      close: child.close,
    };
  } catch (error) {
    await child.close();
    throw error;
  }
}
