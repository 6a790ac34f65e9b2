import http from 'node:http';
import net from 'node:net';
import { systemClock } from '#core/clock';
import { noLogger } from '#core/logger';
import { runWorker } from '#gateway/worker';
import { createMetrics } from '#telemetry/metrics';

// A gateway worker with the smallest data plane there is: it answers its pid and what it knows. A deployment whose project's display name is
// "Broken" does not compile.

const metrics = createMetrics();
await runWorker({
  clock: systemClock,
  logger: noLogger,
  metrics,
  open(host) {
    let serving: { seq: number; deployments: string[] } | undefined;
    let registryChanges = 0;
    let heard = 0;
    const answered = metrics.metrics.counter('test_answers_total', 'Answers.');
    const findClient = (url: string, response: http.ServerResponse) => {
      try {
        return url.startsWith('/client/') ? host.registry.findClient(url.slice(8)) : undefined;
      } catch (error) {
        response.writeHead(503).end(String(error));
        return undefined;
      }
    };
    const askOwners = async (username: string, response: http.ServerResponse): Promise<void> => {
      const place = { address: '192.0.2.1', clientId: 'cli_1' };
      const question = { ask: 'check-password', directory: 'local', username, password: 'secret', ...place } as const;
      try {
        response.end(JSON.stringify(await host.askOwners(question)));
      } catch (error) {
        response.writeHead(503).end(JSON.stringify({ error: error instanceof Error ? error.name : '' }));
      }
    };
    const server = http.createServer((request, response) => {
      answered.add();
      if (request.url?.startsWith('/owner/')) return void askOwners(request.url.slice(7), response);
      if (request.url === '/stall') for (;;);
      if (request.url === '/exit') process.exit(3);
      const client = findClient(request.url ?? '', response);
      if (response.writableEnded) return;
      host.registry.markSecretUsed({ secretId: 'sec_1', at: systemClock.now(), address: '127.0.0.1' });
      const body = JSON.stringify({ pid: process.pid, serving, registryChanges, heard, client: client?.displayName });
      response.end(body);
    });
    return {
      dataPlane: {
        apply({ deployments, seq }) {
          const refused = deployments
            .filter(({ snapshot }) => snapshot.project.displayName === 'Broken')
            .map(({ serverGroupId, projectId }) => ({ id: `${serverGroupId}/${projectId}`, problem: 'It is broken.' }));
          if (refused.length === 0)
            serving = { seq, deployments: deployments.map(({ projectId, version }) => `${projectId} v${version}`) };
          return { refused };
        },
        listen: () =>
          new Promise<void>((resolve, reject) => {
            server.once('error', reject);
            server.listen(host.port, host.host, () => resolve());
          }),
        drain: () =>
          new Promise<void>((resolve) => {
            // http.Server.close would break connections whose request is on its way
            net.Server.prototype.close.call(server, () => resolve());
            setTimeout(() => server.closeIdleConnections(), 200);
          }),
        close: async () => server.closeAllConnections(),
        sizes: () => ({ things: 1 }),
      },
      onRegistryChange: () => {
        registryChanges += 1;
      },
      onFeedHeard: () => {
        heard += 1;
      },
    };
  },
});
