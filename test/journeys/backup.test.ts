import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { startLoad } from '../support/load.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { deployAndWait, type Quickstart, quickstart } from '../support/quickstart.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { environment, eventually, runCommand, type System, startSystem } from '../support/system.ts';
import { postForm } from '../support/token.ts';

// A backup is taken while calls are answered; then things are revoked, used and rotated; then it is restored. One story for each engine.

const folder = mkdtempSync(join(tmpdir(), 'gatewright-backup-'));
let postgres: PostgresServer;
let redis: RedisServer;

before(async () => {
  postgres = await startPostgres();
  redis = await startRedis();
  for (const name of ['story', 'moved']) await postgres.query(`create database ${name}`);
});

after(async () => {
  await postgres?.[Symbol.asyncDispose]();
  await redis?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const databaseUrl = (name: string) => postgres.url.replace(/postgres$/, name);

interface Answer {
  readonly status: number;
  readonly token: string;
  readonly refreshToken: string;
}

/** What a client does with a system. */
function clientOf(system: System, made: Quickstart) {
  const token = async (form: Readonly<Record<string, string>>): Promise<Answer> => {
    const { consumerKey: client_id, consumerSecret: client_secret } = made;
    const path = new URL(made.tokenUrl).pathname;
    const { status, body } = await postForm(`${system.gateway}${path}`, { ...form, client_id, client_secret });
    const { access_token = '', refresh_token = '' } = body as Readonly<Record<string, string>>;
    return { status, token: access_token, refreshToken: refresh_token };
  };
  const url = `${system.gateway}${new URL(made.apiUrl).pathname}/1`;
  return {
    url,
    issue: () => token({ grant_type: 'client_credentials' }),
    refresh: ({ refreshToken }: Answer) => token({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    async call({ token: value }: Answer) {
      return (await fetch(url, { headers: { authorization: `Bearer ${value}` } })).status;
    },
    async revoke({ token: value }: Answer) {
      const { consumerKey: client_id, consumerSecret: client_secret } = made;
      const path = `${new URL(made.tokenUrl).pathname}/revoke`;
      const answer = await fetch(`${system.gateway}${path}`, {
        method: 'POST',
        body: new URLSearchParams({ token: value, client_id, client_secret }),
      });
      assert.equal(answer.status, 200, await answer.text());
    },
  };
}

/** Runs a command that needs no server. */
async function local(exit: number, env: NodeJS.ProcessEnv, ...args: string[]) {
  const result = await runCommand(args, { env });
  assert.equal(result.code, exit, `${args.join(' ')}\n${result.stdout}${result.stderr}`);
  return result;
}

const statusOf = (system: System) =>
  system.must<{ epoch: string; gateways: readonly { epoch: string }[] }>('GET', '/status');
const epochOf = async (system: System) => (await statusOf(system)).epoch;

/** Where the manager's data and the tokens are. */
const PLACES = {
  SQLite: () => ({}),
  'PostgreSQL and Redis': () => ({
    GATEWRIGHT_DATABASE_URL: databaseUrl('story'),
    GATEWRIGHT_TOKEN_STORE_URL: redis.url,
  }),
} as const satisfies Record<string, () => NodeJS.ProcessEnv>;

for (const [engine, placeOf] of Object.entries(PLACES)) {
  describe(`backup and restore with ${engine}`, () => {
    const dataDir = join(folder, engine);
    const backups = join(folder, `${engine}-backups`);
    let options: { env: NodeJS.ProcessEnv; dataDir: string };
    let env: NodeJS.ProcessEnv;
    let system: System;
    let made: Quickstart;
    let client: ReturnType<typeof clientOf>;
    let backup: string;
    let epoch: string;
    const issued = new Map<string, Answer>();
    const of = (name: string) => issued.get(name) as Answer;
    const start = async () => {
      system = await startSystem(options);
      client = clientOf(system, made);
    };

    before(async () => {
      options = { dataDir, env: placeOf() };
      env = environment(dataDir, options);
      mkdirSync(backups);
      system = await startSystem(options);
      made = await quickstart(system, 'echo:');
      await system.run(0, 'token-store', 'create', 'Second', 'kind=sqlite');
      const policy = '/projects/access-token/policies/oauth-token-endpoint';
      const { config } = await system.must<{ config: object }>('GET', policy);
      const grants = { grantTypes: ['client_credentials', 'refresh_token'], refreshTokenForClientCredentials: true };
      await system.must('PATCH', policy, { config: { ...config, ...grants } });
      await deployAndWait(system, 'access-token');
      client = clientOf(system, made);
      epoch = await epochOf(system);
    });
    after(() => system?.[Symbol.asyncDispose]());

    test('a backup is taken while calls are answered, at a number of the feed, without the master key', async () => {
      for (const name of ['kept', 'revoked', 'rotated', 'dead'])
        issued.set(
          name,
          await client.issue().then(async (answer) => {
            assert.equal(answer.status, 200);
            return answer;
          }),
        );
      await client.revoke(of('dead'));
      const load = startLoad({
        ...{ url: client.url, headers: () => ({ authorization: `Bearer ${of('kept').token}` }) },
        ...{ connections: 2, wantedStatus: 200, limitMs: 20_000, pauseMs: 5 },
      });
      const changing = eventually(
        'changes',
        async () => {
          await system
            .must('PATCH', '/clients/mobile-shop', { description: `at ${performance.now()}` })
            .catch(() => {});
          return backup === undefined ? undefined : true;
        },
        30_000,
      ).catch(() => {});
      const said = JSON.parse((await local(0, env, 'backup', '--to', backups, '--json')).stdout);
      backup = said.file;
      const { counts, failures } = await load.stop().then(({ failures, ...counts }) => ({ counts, failures }));
      await changing;
      assert.deepEqual([counts.failed, failures], [0, []]);
      assert.ok(counts.good > 0);
      assert.equal(said.feed.epoch, epoch);
      assert.ok(said.counts.stores.configured.access >= 4, JSON.stringify(said.counts.stores));
      assert.ok(said.counts.stores.second.standing > 0, 'every token store is in it');
      assert.equal(statSync(backup).mode & 0o777, 0o600);
      const text = gunzipSync(readFileSync(backup)).toString();
      const [, key = ''] = readFileSync(join(dataDir, 'master.key'), 'utf8').trim().split(':');
      assert.ok(key.length > 40 && !text.includes(key), 'the master key is not in it');
      assert.ok(!text.includes(made.consumerSecret) && !text.includes(of('kept').token), 'nor is any secret');
    });

    test('restore refuses while the program runs, and into data that are there', async () => {
      const running = await local(4, env, 'restore', '--from', backup, '--replace');
      assert.match(running.stderr, /Gatewright runs on the data directory/);
      if (engine !== 'SQLite') {
        const elsewhere = join(folder, 'of another host');
        const there = {
          ...env,
          GATEWRIGHT_DATA_DIR: elsewhere,
          GATEWRIGHT_MASTER_KEY_FILE: join(dataDir, 'master.key'),
        };
        const away = await local(4, there, 'restore', '--from', backup, '--replace');
        assert.match(away.stderr, /A manager is at work on the database/);
      }
      await client.revoke(of('revoked'));
      issued.set('successor', await client.refresh(of('rotated')));
      assert.equal(of('successor').status, 200);
      await system.stop();
      const present = await local(4, env, 'restore', '--from', backup);
      assert.match(present.stderr, /There are data already.*--replace/s);
    });

    test('with --keep-tokens what lived passes, what died since stays dead, and what was used stays used', async () => {
      const said = JSON.parse(
        (await local(0, env, 'restore', '--from', backup, '--replace', '--keep-tokens', '--json')).stdout,
      );
      assert.notEqual(said.feed.epoch, epoch);
      assert.match(said.former, engine === 'SQLite' ? /manager\.db\.before-restore-/ : /^gatewright_before_/);
      assert.match(said.warnings[0], /is back as it was then: [1-9]\d* consumer secrets/);
      await start();
      assert.equal(await epochOf(system), said.feed.epoch);
      await eventually('the gateway takes the new epoch', async () => {
        const { gateways } = await statusOf(system);
        return gateways.length > 0 && gateways.every((gateway) => gateway.epoch === said.feed.epoch) ? true : undefined;
      });
      assert.equal(await client.call(of('kept')), 200);
      assert.equal(await client.call(of('dead')), 401);
      assert.equal(await client.call(of('revoked')), 401);
      assert.equal((await client.refresh(of('rotated'))).status, 400, 'a used refresh token is used');
      assert.equal(await client.call(await client.issue()), 200);
      assert.equal((await system.must<{ ok: boolean }>('POST', '/audit/verify', {})).ok, true);
    });

    test('without it every token of before is refused, and a new one passes', async () => {
      issued.set('later', await client.issue());
      const other = await client.issue();
      await system.stop();
      const said = await local(0, env, 'restore', '--from', backup, '--replace');
      assert.match(said.stdout, /the former data: /);
      await start();
      for (const name of ['kept', 'revoked', 'rotated', 'dead', 'successor', 'later'])
        assert.equal(await client.call(of(name)), 401, name);
      assert.equal((await client.refresh(other)).status, 400);
      assert.equal((await client.refresh(of('kept'))).status, 400);
      const fresh = await client.issue();
      assert.deepEqual([fresh.status, await client.call(fresh)], [200, 200]);
      const renewed = await client.refresh(fresh);
      assert.deepEqual([renewed.status, await client.call(renewed)], [200, 200]);
      assert.equal((await system.must<{ ok: boolean }>('POST', '/audit/verify', {})).ok, true);
      const { items } = await system.must<{ items: { sentence: string }[] }>('GET', '/audit?operation=manager.restore');
      assert.equal(items.length, 1);
    });

    test('without the token stores every token of before is refused too, also after a second time', async () => {
      for (const name of ['first', 'second']) {
        issued.set(name, await client.issue());
        assert.equal(await client.call(of(name)), 200, name);
        await system.stop();
        await local(0, env, 'restore', '--from', backup, '--replace', '--without-tokens');
        await start();
        assert.equal(await client.call(of(name)), 401, name);
        const fresh = await client.issue();
        assert.deepEqual([fresh.status, await client.call(fresh)], [200, 200]);
      }
    });

    test('what the token stores know to be ended since is not revived: a client and its secret', async () => {
      const [first, old] = [await client.issue(), made];
      await system.run(
        0,
        ...['client', 'rotate', 'mobile-shop', '--keep-old', '0', '--yes'],
        '--out',
        join(folder, 'new'),
      );
      await system.must('POST', '/clients/mobile-shop/disable', {});
      await system.stop();
      const said = JSON.parse((await local(0, env, 'restore', '--from', backup, '--replace', '--json')).stdout);
      assert.deepEqual(said.endedSince, { client: 1, subscription: 0, secret: 1, subject: 0 });
      await start();
      assert.equal((await client.issue()).status, 401);
      await system.must('POST', '/clients/mobile-shop/enable', {});
      const again = await system.run(0, 'quickstart', '--new-secret', '--json');
      made = JSON.parse(again.stdout) as Quickstart;
      client = clientOf(system, made);
      assert.equal(
        await eventually('a token by the new secret', async () => {
          const token = await client.issue();
          return token.status === 200 ? client.call(token) : undefined;
        }),
        200,
      );
      assert.equal((await clientOf(system, old).issue()).status, 401);
      assert.equal(await client.call(first), 401);
      made = old;
      await system.stop();
    });

    test('in another place it needs the master key, and the right one', async () => {
      const elsewhere = join(folder, `${engine}-elsewhere`);
      const there = environment(elsewhere);
      const missing = await local(4, there, 'restore', '--from', backup);
      assert.match(missing.stderr, /master key/);
      mkdirSync(elsewhere, { recursive: true });
      const [id] = readFileSync(join(dataDir, 'master.key'), 'utf8').split(':');
      const wrong = { ...there, GATEWRIGHT_MASTER_KEY_FILE: join(folder, 'wrong.key') };
      writeFileSync(join(folder, 'wrong.key'), `${id}:${Buffer.alloc(32, 9).toString('base64')}\n`);
      assert.match((await local(4, wrong, 'restore', '--from', backup)).stderr, /not the one that this data directory/);
      copyFileSync(join(dataDir, 'master.key'), join(elsewhere, 'master.key'));
      await local(0, there, 'restore', '--from', backup);
      await using moved = await startSystem({ dataDir: elsewhere });
      const at = clientOf(moved, made);
      assert.equal(await at.call(of('kept')), 401);
      assert.equal(await at.call(await at.issue()), 200);
    });
  });
}

test('data move from SQLite to PostgreSQL by a backup, with their tokens', async () => {
  const [from, to] = [join(folder, 'from'), join(folder, 'to')];
  let made: Quickstart;
  let token: Answer;
  {
    await using system = await startSystem({ dataDir: from });
    made = await quickstart(system, 'echo:');
    token = await clientOf(system, made).issue();
    await system.run(0, 'backup', '--to', join(folder, 'moving.gz'));
  }
  mkdirSync(to, { mode: 0o700 });
  copyFileSync(join(from, 'master.key'), join(to, 'master.key'));
  const env = { GATEWRIGHT_DATABASE_URL: databaseUrl('moved') };
  await local(0, environment(to, { env }), 'restore', '--from', join(folder, 'moving.gz'), '--keep-tokens');
  await using system = await startSystem({ dataDir: to, env });
  const client = clientOf(system, made);
  assert.equal(await client.call(token), 200);
  assert.equal(await client.call(await client.issue()), 200);
});
