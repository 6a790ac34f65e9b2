import assert from 'node:assert/strict';
import { chownSync } from 'node:fs';
import { userInfo } from 'node:os';
import { after, test } from 'node:test';
import { HandClock } from '#core/clock';
import { UnavailableError } from '#core/errors';
import { noLogger } from '#core/logger';
import { openTokenStore } from '#stores/open';
import { problemWords } from '#stores/problem-words';
import { NOBODY, startPostgres } from '../support/postgres.ts';
import { createServerAuthority } from '../support/server-authority.ts';
import { testHints } from './hints.ts';
import { NOW, RETENTION_MS, sampleToken } from './sample-token.ts';
import { testTokenStore } from './token-store.ts';

// A server that lets users in over TLS only, and with a password; its own administrator as he likes.

const authority = await createServerAuthority();
if (userInfo().uid === 0) chownSync(authority.keyFile, NOBODY, NOBODY);
const hba = authority.write(
  'pg_hba.conf',
  'host all postgres 127.0.0.1/32 trust\nhostssl all gatewright 127.0.0.1/32 scram-sha-256\n',
);
const postgres = await startPostgres({
  ...{ ssl: 'on', ssl_cert_file: authority.certFile, ssl_key_file: authority.keyFile, hba_file: hba },
});
after(async () => {
  await postgres[Symbol.asyncDispose]();
  authority[Symbol.dispose]();
});
await postgres.query("create user gatewright password 'hush'");
await postgres.query('create database gatewright owner gatewright');

let schemas = 0;
const urlOf = ({ host = '127.0.0.1', password = 'hush', options = `&tls=true&ca=${authority.caFile}` } = {}) => {
  schemas += 1;
  return `postgres://gatewright:${password}@${host}:${postgres.port}/gatewright?schema=test_${schemas}${options}`;
};
const open = (url: string) =>
  openTokenStore(url, { clock: new HandClock(NOW), logger: noLogger, retentionMs: RETENTION_MS, sweepIntervalMs: 0 });

testTokenStore('postgres over TLS', () => open(urlOf()));
const shared = urlOf();
testHints('postgres over TLS', () => open(shared));

test('postgres over TLS: every connection is encrypted', async () => {
  await using store = await open(urlOf());
  await using listening = store.listen?.(() => {});
  assert.ok(listening !== undefined);
  await store.saveAccess(sampleToken('a'));
  const query = "select ssl from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'gatewright'";
  const encrypted = (await postgres.query(query)).map(({ ssl }) => ssl);
  assert.ok(encrypted.length > 0);
  assert.ok(encrypted.every((one) => one === true));
});

const problemOf = async (url: string) => {
  const opened = await open(url).catch((error: Error) => error);
  if (opened instanceof Error) {
    assert.ok(opened instanceof UnavailableError || opened.name === 'ConfigurationError', opened.name);
    const words = problemWords(opened);
    assert.doesNotMatch(words, /hush/);
    return words;
  }
  await opened[Symbol.asyncDispose]();
  throw new Error('It was opened.');
};

test('postgres over TLS: another authority, another name, plain text and a wrong password are refused and told', async () => {
  assert.match(await problemOf(urlOf({ options: `&tls=true&ca=${authority.otherCaFile}` })), /certificate/i);
  assert.match(await problemOf(urlOf({ options: '&tls=true' })), /certificate/i);
  assert.match(await problemOf(urlOf({ host: 'localhost' })), /localhost/);
  assert.match(await problemOf(urlOf({ options: '' })), /refuses the user|pg_hba|encryption/);
  assert.match(await problemOf(urlOf({ password: 'wrong' })), /refuses the user or password/);
});
