import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { waitFor } from '../../answer.ts';
import { openChild } from '../../child.ts';
import type { Contestant } from '../../contestant.ts';
import { createFlowRequests } from '../../flows.ts';
import { benchClient, createTokenRequest } from '../../node-server.ts';
import { keycloakDir } from '../../prerequisite.ts';
import { owner, realm, writeRealm } from './realm.ts';

/** Keycloak in production mode with its embedded database on disk and a cache of its own. */
export const keycloak: Contestant = {
  name: 'keycloak',
  about: 'Keycloak 26, H2 on disk, JWT access tokens',
  works: ['tokens', 'introspection', 'code', 'refresh'],
  prepare: (prerequisites) => prerequisites.installKeycloak(),
  async open(context) {
    mkdirSync(context.dir, { recursive: true });
    // It reads a realm and keeps its database below its own folder: what another run left there goes.
    const dataDir = join(keycloakDir, 'data');
    if (writeRealm(context.dir, join(dataDir, 'import'))) rmSync(join(dataDir, 'h2'), { recursive: true, force: true });
    const port = await findFreePort();
    const url = `http://127.0.0.1:${port}/realms/${realm}/protocol/openid-connect`;
    const launchedAt = performance.now();
    const child = await openChild({
      command: 'bash',
      args: [
        ...[join(keycloakDir, 'bin', 'kc.sh'), 'start', '--optimized', '--cache=local', '--import-realm'],
        ...['--http-enabled=true', '--http-host=127.0.0.1', `--http-port=${port}`, '--hostname-strict=false'],
      ],
      core: context.core,
      logPath: join(context.dir, 'server.log'),
    });
    try {
      await child.firstLine;
      const tokens = createTokenRequest(`${url}/token`, benchClient);
      await waitFor(tokens, 'tokens', child, startTimeoutMs);
      const flows = createFlowRequests(
        {
          ...{ tokenUrl: `${url}/token`, introspectionUrl: `${url}/token/introspect`, client: benchClient },
          openAuthorization: async () => ({ url: `${url}/auth`, owner }),
        },
        context.tokens,
      );
      return {
        pid: child.pid,
        requests: { tokens, ...flows },
        warmTimes: 4,
        firstAnswerMs: performance.now() - launchedAt,
        close: child.close,
      };
    } catch (error) {
      await child.close();
      throw error;
    }
  },
};

const startTimeoutMs = 120_000;

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
