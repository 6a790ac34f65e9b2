import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startLoneGateway } from '../support/lone-gateway.ts';
import { deployAndWait, type Quickstart, quickstart } from '../support/quickstart.ts';
import { eventually, startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';
import { startUpstream } from '../support/upstream.ts';

/** A data directory with a system that was used and stopped, and a token of it. */
async function prepare(
  target: string,
): Promise<{ dataDir: string; made: Quickstart; token: string; older: Map<string, Buffer> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'gatewright-replica-'));
  const system = await startSystem({ dataDir });
  const made = await quickstart(system, target);
  const token = await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret);
  await system.stop();
  const older = new Map(
    ['replica.db', 'replica.good.db'].map((name) => [name, readFileSync(join(dataDir, 'gateway', name))]),
  );
  const again = await startSystem({ dataDir });
  await again.must('PATCH', '/projects/orders-api', { description: 'later' });
  await deployAndWait(again, 'orders-api');
  await again.stop();
  return { dataDir, made, token, older };
}

const apiPath = (made: Quickstart) => `${new URL(made.apiUrl).pathname}/1`;

async function calls(address: string, made: Quickstart, token: string): Promise<number> {
  const answer = await fetch(address + apiPath(made), { headers: { authorization: `Bearer ${token}` } });
  await answer.arrayBuffer();
  return answer.status;
}

function flipBytes(file: string): void {
  const bytes = readFileSync(file);
  for (let at = 200; at < bytes.length; at += 997) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(file, bytes);
}

test('a gateway without its manager serves from its replica, and from the good copy when the replica is damaged', async () => {
  await using upstream = await startUpstream();
  const { dataDir, made, token } = await prepare(upstream.url);
  try {
    {
      await using gateway = await startLoneGateway(dataDir);
      assert.equal(await calls(gateway.address, made, token), 200);
      assert.equal(
        (await getToken(gateway.address + new URL(made.tokenUrl).pathname, made.consumerKey, made.consumerSecret))
          .length,
        54,
      );
    }
    flipBytes(join(dataDir, 'gateway', 'replica.db'));
    {
      await using gateway = await startLoneGateway(dataDir);
      assert.equal(await calls(gateway.address, made, token), 200);
      assert.match(gateway.log(), /damaged/);
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

const damages: Record<string, (dataDir: string, older: Map<string, Buffer>) => void> = {
  'flipped bytes': (dataDir) => flipBytes(join(dataDir, 'gateway', 'replica.db')),
  'a truncated file': (dataDir) => truncateSync(join(dataDir, 'gateway', 'replica.db'), 5000),
  'flipped bytes in the good copy too': (dataDir) => {
    flipBytes(join(dataDir, 'gateway', 'replica.db'));
    flipBytes(join(dataDir, 'gateway', 'replica.good.db'));
  },
  'an older copy': (dataDir, older) => {
    for (const [name, bytes] of older) writeFileSync(join(dataDir, 'gateway', name), bytes);
  },
  'an older good copy as replica': (dataDir) =>
    copyFileSync(join(dataDir, 'gateway', 'replica.good.db'), join(dataDir, 'gateway', 'replica.db')),
};

for (const [name, damage] of Object.entries(damages)) {
  test(`${name}: noticed and mended from the manager`, async () => {
    await using upstream = await startUpstream();
    const { dataDir, made, token, older } = await prepare(upstream.url);
    try {
      for (const suffix of ['-wal', '-shm']) rmSync(join(dataDir, 'gateway', `replica.db${suffix}`), { force: true });
      damage(dataDir, older);
      await using system = await startSystem({ dataDir });
      await eventually('it serves', async () =>
        (await calls(system.gateway, made, token)) === 200 ? true : undefined,
      );
      const status = await eventually('it is level with the manager', async () => {
        const now = await system.must<{ seq: number; gateways: { seq: number; lag: number; state: string }[] }>(
          'GET',
          '/status',
        );
        return now.gateways[0]?.lag === 0 && now.gateways[0].state === 'ready' ? now : undefined;
      });
      assert.equal(status.gateways[0]?.seq, status.seq);
      if (!name.includes('good copy as')) assert.match(system.log(), /damaged|older/);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
}
