import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '#core/problem';
import { addressOfGateway } from './gateway-address.ts';

const joined = { at: 1, by: 'ann', certificateEndsAt: 2 };

test('a gateway is reached where it says, on this machine or another', async () => {
  const here = await addressOfGateway({ name: 'g', address: 'http://127.0.0.1:8000' });
  assert.deepEqual([here.hostname, here.port, here.isLoopback, here.isTls], ['127.0.0.1', 8000, true, false]);
  const everywhere = await addressOfGateway({ name: 'g', address: 'https://0.0.0.0:8443' });
  assert.deepEqual([everywhere.hostname, everywhere.port, everywhere.isTls], ['127.0.0.1', 8443, true]);
  const there = await addressOfGateway({ name: 'g', address: 'http://10.1.2.3', joined });
  assert.deepEqual([there.hostname, there.port, there.isLoopback], ['10.1.2.3', 80, false]);
});

for (const address of [
  ...['http://169.254.169.254', 'http://[fe80::1]:80', 'http://[fd00:ec2::254]', 'http://[::ffff:169.254.169.254]'],
  ...['http://100.100.100.200', 'http://0251.0376.0251.0376', 'http://[64:ff9b::a9fe:a9fe]', 'http://0.0.0.0:80'],
  ...['file:///etc/passwd', 'gopher://10.0.0.1', '', 'nothing'],
])
  test(`a gateway that was taken over cannot send the manager to "${address}"`, async () => {
    await assert.rejects(addressOfGateway({ name: 'g', address, joined }), (error: unknown) => {
      assert.ok(error instanceof ProblemError);
      assert.equal(error.code, 'gateway_unreachable');
      return true;
    });
  });
