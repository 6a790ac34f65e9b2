/** Codes and refresh tokens that two gateways ask for at once while their engine is killed: each is given once, also after it is back. */
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { noLogger } from '#core/logger';
import { openTokenStore } from '#stores/open';
import { RETENTION_MS } from '../contract/sample-token.ts';
import { startPostgres } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';
import { clockOfSamples, judgeRaces, noAnswers, startRaces } from '../support/store-races.ts';

const rounds = Number(process.env.GATEWRIGHT_FAULT_ROUNDS ?? 1);
const servers = { redis: () => startRedis(), postgres: () => startPostgres() };

for (const [kind, start] of Object.entries(servers)) {
  const what = `SIGKILL of ${kind} while two ask for the same codes and refresh tokens: nothing is given twice`;
  test(what, { timeout: 60_000 * (rounds + 1) }, async (t) => {
    const stack = new AsyncDisposableStack();
    t.after(() => stack.disposeAsync());
    const server = stack.use(await start());
    const options = { clock: clockOfSamples(), logger: noLogger, retentionMs: RETENTION_MS, sweepIntervalMs: 0 };
    const open = async () => stack.use(await openTokenStore(server.url, options));
    const stores = [await open(), await open()] as const;
    const answers = noAnswers();
    for (let round = 0; round < rounds; round += 1) {
      const stop = startRaces(stores, `round ${round}`, answers);
      await sleep(500);
      await server.killAndStart();
      await sleep(1000);
      await stop();
    }
    await judgeRaces(stores[0], answers, (counts) => t.diagnostic(`${rounds} rounds: ${counts}`));
  });
}
