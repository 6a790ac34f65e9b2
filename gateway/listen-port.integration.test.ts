import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { systemRandom } from '#core/random';
import { chooseListenPort } from './listen-port.ts';

test('a free port is chosen once and chosen again after a restart; a port that was asked for and is taken is an error', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'gw-port-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const options = { host: '127.0.0.1', port: 0, folder, random: systemRandom };
  const first = await chooseListenPort(options);
  assert.equal(await chooseListenPort(options), first);
  const other = createServer().listen(first, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  assert.notEqual(await chooseListenPort(options), first, 'somebody else has it now');
  const { port } = other.address() as AddressInfo;
  await assert.rejects(chooseListenPort({ ...options, port }), { name: 'ConfigurationError' });
});
