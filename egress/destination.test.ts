import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { ConfigurationError } from '#core/errors';
import { parseAllowList, plainAddress, refusalOf } from './destination.ts';

const none = parseAllowList([]);
const noPorts = () => new Set<number>();
const verdict = (address: string, allow = none, port = 80) =>
  refusalOf({ host: address, address: plainAddress(address), port }, allow, noPorts);

for (const address of [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '0.1.2.3',
  '169.254.169.254',
  '169.254.0.1',
  '100.100.100.200',
  '168.63.129.16',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1',
  'fe80::1%eth0',
  'ff02::1',
  'fd00:ec2::254',
  '::ffff:127.0.0.1',
  '::ffff:a9fe:a9fe',
  '::127.0.0.1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::127.0.0.1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::7f00:1',
  '2002:7f00:1::',
  '2002:a9fe:a9fe::1',
  '2001:0:7f00:1::',
  '2001:0:808:808::80ff:fffe',
  '2600::5efe:7f00:1',
  'not an address',
])
  test(`${address} may not be called`, () => assert.notEqual(verdict(address), undefined));

for (const address of [
  '10.1.2.3',
  '192.168.0.1',
  '172.16.0.1',
  '8.8.8.8',
  'fd12::1',
  '2600:1f18::1',
  '64:ff9b::808:808',
])
  test(`${address} may be called`, () => assert.equal(verdict(address), undefined));

test('a host, host:port, address or CIDR block opens exactly what it names', () => {
  assert.equal(verdict('127.0.0.1', parseAllowList(['127.0.0.1'])), undefined);
  assert.equal(verdict('127.0.0.1', parseAllowList(['127.0.0.0/8'])), undefined);
  assert.equal(verdict('::1', parseAllowList(['[::1]:80'])), undefined);
  assert.equal(verdict('127.0.0.1', parseAllowList(['127.0.0.1:80'])), undefined);
  assert.notEqual(verdict('127.0.0.1', parseAllowList(['127.0.0.1:81'])), undefined);
  assert.notEqual(verdict('127.0.0.1', parseAllowList(['127.0.0.2', '10.0.0.0/8', '::1'])), undefined);
  const named = { host: 'localhost', address: '127.0.0.1', port: 9999 };
  assert.equal(refusalOf(named, parseAllowList(['LOCALHOST.:9999']), noPorts), undefined);
});

test('a port of our own is refused on every address of this machine, and opened by host:port only', () => {
  const own = () => new Set([9000]);
  const addresses = Object.values(networkInterfaces()).flatMap(
    (entries) => entries?.map((entry) => entry.address) ?? [],
  );
  for (const address of addresses) {
    const to = { host: 'me.example', address: plainAddress(address), port: 9000 };
    assert.match(refusalOf(to, none, own) ?? '', /Gatewright's own/);
    assert.match(refusalOf(to, parseAllowList(['me.example', '0.0.0.0/0', '::/0']), own) ?? '', /Gatewright's own/);
    assert.equal(refusalOf(to, parseAllowList(['me.example:9000']), own), undefined);
  }
});

for (const entry of ['http://x', 'a b', '10.0.0.0/33', 'host:0', 'host:99999', 'host:', '', '[::1', 'a/b'])
  test(`"${entry}" in outbound.allow keeps the manager from starting, with a sentence`, () =>
    assert.throws(() => parseAllowList([entry]), ConfigurationError));
