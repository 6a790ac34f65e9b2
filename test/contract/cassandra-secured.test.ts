import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import driver from 'cassandra-driver';
import { HandClock } from '#core/clock';
import { noLogger } from '#core/logger';
import { openTokenStore } from '#stores/open';
import { problemWords } from '#stores/problem-words';
import { startCassandra } from '../support/cassandra.ts';
import { createServerAuthority } from '../support/server-authority.ts';
import { eventually } from '../support/system.ts';
import { NOW, RETENTION_MS, sampleCode, sampleGrant, sampleToken } from './sample-token.ts';

// A node that speaks TLS only, asks for a password and looks at rights.

const authority = await createServerAuthority();
const secured = authority.write(
  'secured.yaml',
  `authenticator: PasswordAuthenticator
authorizer: CassandraAuthorizer
client_encryption_options:
  enabled: true
  optional: false
  keystore: ${JSON.stringify(authority.bothFile)}
  ssl_context_factory:
    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory
`,
);
// Of a setting that stands twice the last one counts. It starts in the folder of the node.
const runner = ['sh', '-c', `cat "${secured}" >> conf/cassandra.yaml && exec "$@"`, 'sh'];
const cluster = await startCassandra({ nodes: 1, runner: () => runner });
after(async () => {
  await cluster[Symbol.asyncDispose]();
  authority[Symbol.dispose]();
});

/** What docs/token-store-cassandra.md lets a user be given. */
const DOCS = readFileSync(path.join(import.meta.dirname, '../../docs/token-store-cassandra.md'), 'utf8');
const RIGHTS = [...DOCS.matchAll(/^ {4}((?:CREATE KEYSPACE|CREATE ROLE|GRANT) .*);$/gm)].map(([, cql = '']) =>
  cql.replace("'dc1': 3", "'datacenter1': 1").replace("'PASSWORD'", "'hush'"),
);

const connect = async () => {
  const client = new driver.Client({
    ...{ contactPoints: [`127.0.0.1:${cluster.port}`], localDataCenter: 'datacenter1' },
    credentials: { username: 'cassandra', password: 'cassandra' },
    sslOptions: { rejectUnauthorized: true, ca: [readFileSync(authority.caFile)] },
  });
  return client.connect().then(
    () => client,
    () => client.shutdown().then(() => undefined),
  );
};
// It makes its first user a moment after it takes connections.
const admin = await eventually('the first user', connect, 60_000);
for (const cql of RIGHTS) await admin.execute(cql);
await admin.shutdown();

const urlOf = ({ host = '127.0.0.1', password = 'hush', options = `?tls=true&ca=${authority.caFile}` } = {}) =>
  `cassandra://gatewright:${password}@${host}:${cluster.port}/gatewright${options}`;
const open = (url: string) =>
  openTokenStore(url, { clock: new HandClock(NOW), logger: noLogger, retentionMs: RETENTION_MS, sweepIntervalMs: 0 });

test('cassandra over TLS: with the rights of the docs it makes its tables, saves, consumes, revokes and purges', async () => {
  assert.equal(RIGHTS.length, 3, 'keyspace, role and rights are in the docs');
  await using store = await open(urlOf());
  const [token, grant] = [sampleToken('a'), sampleGrant('A')];
  await store.saveAccess(token);
  await store.saveIssue({ grant, code: sampleCode('code', grant.id) });
  const code = sampleCode('code', grant.id).hash;
  assert.equal((await store.consumeCode(code, { id: 'first', now: NOW })).state, 'consumed');
  assert.equal((await store.consumeCode(code, { id: 'second', now: NOW })).state, 'replayed');
  await store.revokeAccess(token.hash, { by: 'priya', at: NOW, reason: undefined });
  assert.equal((await store.findAccess(token.hash, NOW)).state, 'revoked');
  await store.purge(NOW, 100);
  assert.deepEqual((await store.sizes()).grants, 1);
});

test('cassandra over TLS: another authority, another name, plain text and a wrong password are refused and told', async () => {
  const problemOf = async (url: string) => {
    const opened = await open(url).catch((error: Error) => error);
    if (!(opened instanceof Error)) {
      await opened[Symbol.asyncDispose]();
      throw new Error('It was opened.');
    }
    assert.match(opened.name, /^(UnavailableError|ConfigurationError)$/);
    const words = problemWords(opened);
    assert.doesNotMatch(words, /hush/);
    return words;
  };
  assert.match(await problemOf(urlOf({ options: `?tls=true&ca=${authority.otherCaFile}` })), /certificate/i);
  assert.match(await problemOf(urlOf({ options: '?tls=true' })), /certificate/i);
  assert.match(await problemOf(urlOf({ password: 'wrong' })), /refuses the user or password/);
  await problemOf(urlOf({ options: '' }));
});
