import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findToken, send, waitFor } from '../../answer.ts';
import { openChild } from '../../child.ts';
import type { Contestant, Running, StartContext } from '../../contestant.ts';
import { createFlowRequests } from '../../flows.ts';
import type { LoadRequest } from '../../load.ts';
import { createTokenRequest } from '../../node-server.ts';
import { findByCommand } from '../../proc.ts';
import { openProjects, openSignIn, type Projects } from './project.ts';

/** Gatewright as it is started by anyone: manager, one gateway worker, durable SQLite, all on the contestant's core. */
export const gatewright: Contestant = {
  name: 'gatewright',
  about: 'all in one, one worker, durable SQLite',
  works: ['plain', 'verified', 'tokens', 'introspection', 'code', 'refresh'],
  async prepare(_prerequisites, bin) {
    try {
      accessSync(bin, constants.X_OK);
    } catch {
      throw new Error(`no command at ${bin}`);
    }
  },
  async open(context) {
    const dataDir = join(context.dir, 'data');
    mkdirSync(dataDir, { recursive: true });
    const env = createEnvironment(dataDir);
    const launchedAt = performance.now();
    const logPath = join(context.dir, 'server.log');
    const child = await openChild({
      command: context.bin,
      args: ['start', '--json'],
      env,
      core: context.core,
      logPath,
    });
    try {
      const { gateway } = JSON.parse(await child.firstLine) as { gateway: string };
      const readyMs = performance.now() - launchedAt;
      const projects = await openKeptProjects(context, env, gateway);
      const tokens = createTokenRequest(projects.tokenUrl, projects.client);
      await waitFor(tokens, 'tokens', child);
      const firstAnswerMs = performance.now() - launchedAt;
      const plain: LoadRequest = { url: projects.plainUrl, method: 'GET' };
      await waitFor(plain, 'plain', child);
      const unverified: LoadRequest = { url: projects.apiUrl, method: 'GET' };
      const verified = { ...unverified, authorizations: await issueTokens(tokens, context.tokens) };
      await waitFor(verified, 'verified', child);
      const flows = createFlowRequests(
        {
          ...{ tokenUrl: projects.tokenUrl, introspectionUrl: `${projects.tokenUrl}/introspect` },
          client: projects.client,
          openAuthorization: () => openSignIn({ bin: context.bin, env, gateway }),
        },
        context.tokens,
      );
      return {
        pid: child.pid,
        workerPids: () => findByCommand(child.pid, 'gateway-worker'),
        requests: { plain, verified, tokens, ...flows },
        refusals: { verified: unverified },
        firstAnswerMs,
        readyMs,
        close: child.close,
      } satisfies Running;
    } catch (error) {
      await child.close();
      throw error;
    }
  },
};

/** Any free ports, one worker, and limits of issuing that the load does not reach. */
function createEnvironment(dataDir: string): Readonly<Record<string, string>> {
  return {
    GATEWRIGHT_DATA_DIR: dataDir,
    GATEWRIGHT_MANAGER_PORT: '0',
    GATEWRIGHT_GATEWAY_PORT: '0',
    GATEWRIGHT_ADMIN_PORT: '0',
    GATEWRIGHT_ADMIN_MANAGER_PORT: '0',
    GATEWRIGHT_WORKERS: '1',
    GATEWRIGHT_LIMITS_ISSUE_PER_SECOND: '1000000',
    GATEWRIGHT_LIMITS_LIVE_TOKENS: '100000000',
  };
}

/** The projects that are served: made on the first start of a data directory, found again on every other. */
async function openKeptProjects(
  context: StartContext,
  env: Readonly<Record<string, string>>,
  gateway: string,
): Promise<Projects> {
  const path = join(context.dir, 'projects.json');
  if (existsSync(path)) {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as Projects;
    const move = (url: string) => new URL(new URL(url).pathname, gateway).href;
    return {
      client: kept.client,
      tokenUrl: move(kept.tokenUrl),
      apiUrl: move(kept.apiUrl),
      plainUrl: move(kept.plainUrl),
    };
  }
  const projects = await openProjects({ bin: context.bin, env, gateway, upstream: context.upstream });
  writeFileSync(path, JSON.stringify(projects), { mode: 0o600 });
  return projects;
}

/** `Authorization` values with tokens of their own. */
async function issueTokens(request: LoadRequest, count: number): Promise<readonly string[]> {
  const values: string[] = [];
  const issue = async () => {
    while (values.length < count) {
      const { status, body } = await send(request);
      const token = findToken(body);
      if (token === undefined) throw new Error(`no token to verify, status ${status}: ${body.slice(0, 200)}`);
      values.push(`Bearer ${token}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(8, count) }, issue));
  return values.slice(0, count);
}
