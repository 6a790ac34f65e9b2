import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HandClock, systemClock } from '#core/clock';
import { noLogger } from '#core/logger';
import type { GatewayReport } from '#core/model/exchange-record';
import { systemRandom } from '#core/random';
import { createLetterKey } from '#core/sealed-letter';
import { type ManagerLink, tlsLink } from '#gateway/manager-link';
import { requestCertificate } from '#gateway/membership/certificate-request';
import { JoinError, joinManager, post } from '#gateway/membership/join';
import { type Membership, membershipFile, readMembership, writeMembership } from '#gateway/membership/membership';
import { startRenewal } from '#gateway/membership/renewal';
import { type RunningManager, startTestManager } from '#test/support/running-manager';
import { eventually } from '#test/support/system';
import { createCa, issueGatewayCertificate } from './x509.ts';

// Gateways' side and manager's side against each other, over real TLS.

const letterKey = createLetterKey();

/** A manager whose clock is the machine's at its start: OpenSSL looks at no other. */
function startManager(t: TestContext, certificateLifeMs = 30 * 86_400_000): Promise<RunningManager> {
  return startTestManager(t, {
    clock: new HandClock(Date.now()),
    options: { gateways: { accept: true, host: '127.0.0.1', port: 0, url: '', certificateLifeMs } },
  });
}

interface Token {
  readonly id: string;
  readonly token: string;
  readonly managerUrl: string;
}

async function makeToken(manager: RunningManager, group = 'local'): Promise<Token> {
  const { status, body } = await manager.call(`POST /server-groups/${group}/join-tokens`, { body: {} });
  assert.equal(status, 201);
  return body;
}

const join = ({ token, managerUrl }: Token, name = 'edge-1'): Promise<Membership> =>
  joinManager({ manager: managerUrl, token, name, clock: systemClock });

function linkOf(t: TestContext, { manager, authority, key, certificate }: Membership): ManagerLink {
  const link = tlsLink(new URL(manager), () => ({ ca: authority, own: { key, certificate } }));
  t.after(() => link.close());
  return link;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly answer: http.IncomingMessage;
}

/** Begins the feed; gives its status, and the text so far. */
function beginFeed(link: ManagerLink, query = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = link.request({
      method: 'GET',
      path: `/internal/v1/feed?since=0&sealTo=${letterKey.publicKey}${query}`,
    });
    sent.on('error', reject);
    sent.on('response', (answer) => {
      answer.on('error', () => {});
      answer.once('data', (chunk) => resolve({ status: answer.statusCode ?? 0, text: String(chunk), answer }));
    });
    sent.end();
  });
}

const feedStatus = async (link: ManagerLink): Promise<number> => {
  const { status, answer } = await beginFeed(link);
  answer.destroy();
  return status;
};

const refusal = (code: JoinError['code'], words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof JoinError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
};

function report(rest: Partial<GatewayReport> = {}): object {
  return {
    ...{
      gatewayId: 'gtw_0000000000000000',
      name: 'somebody',
      serverGroup: 'elsewhere',
      address: 'http://10.0.0.5:8000',
    },
    ...{ softwareVersion: '0.1.0', startedAt: 0, epoch: '', seq: 0, state: 'ready', workers: 2, batchId: 'b1' },
    ...{ refused: [], records: [], counts: [], dropped: [], secretsUsed: [] },
    ...rest,
  };
}

test('a gateway joins with a token, is known by its certificate, and gets the feed', async (t) => {
  const manager = await startManager(t);
  const member = await join(await makeToken(manager));
  assert.equal(member.serverGroup, 'local');
  const certificate = new X509Certificate(member.certificate);
  assert.equal(certificate.subjectAltName, `URI:gatewright:gateway/${member.gatewayId}?group=local`);
  assert.ok(certificate.verify(new X509Certificate(member.authority).publicKey));
  const link = linkOf(t, member);
  const feed = await beginFeed(link);
  assert.equal(feed.status, 200);
  assert.match(feed.text, /"type":"hello"/);
  feed.answer.destroy();
  const { body } = await manager.call('GET /gateways');
  assert.deepEqual([body.items[0].name, body.items[0].joined.by], ['edge-1', 'bootstrap']);
  const { body: audit } = await manager.call('GET /audit?limit=5');
  assert.match(JSON.stringify(audit), /Gateway edge-1 joined Local/);
});

test('who a gateway is stands in its certificate, whatever it says in query and report', async (t) => {
  const manager = await startManager(t);
  await manager.call('POST /server-groups', { body: { displayName: 'Edge' } });
  const member = await join(await makeToken(manager, 'edge'));
  const link = linkOf(t, member);
  const { body: local } = await manager.call('GET /server-groups/local');
  const feed = await beginFeed(link, '&serverGroup=local&gatewayId=gtw_0000000000000000');
  const hello = JSON.parse(feed.text.split('\n')[0] ?? '');
  feed.answer.destroy();
  assert.equal(hello.gatewayId, member.gatewayId);
  assert.notEqual(hello.serverGroupId, local.id);
  await post(link, '/internal/v1/reports', report());
  const { body } = await manager.call('GET /gateways');
  assert.deepEqual(
    body.items.map(({ id, name, serverGroup }: Record<string, string>) => [id, name, serverGroup]),
    [[member.gatewayId, 'edge-1', 'edge']],
  );
});

test('a token lets one gateway in, also when two come with it at once', async (t) => {
  const manager = await startManager(t);
  const token = await makeToken(manager);
  const tries = await Promise.allSettled(['a', 'b', 'c'].map((name) => join(token, name)));
  assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1);
  await assert.rejects(join(token, 'd'), refusal('join_token_wrong', /used already/));
  const { body } = await manager.call('GET /gateways');
  assert.equal(body.total, 1);
});

test('an ended, a deleted and an invented token let nobody in', async (t) => {
  const manager = await startManager(t);
  const ended = await makeToken(manager);
  manager.clock.advance(3_600_001);
  await assert.rejects(join(ended), refusal('join_token_wrong', /has ended/));
  const deleted = await makeToken(manager);
  await manager.call(`DELETE /server-groups/local/join-tokens/${deleted.id}`);
  await assert.rejects(join(deleted), refusal('join_token_wrong', /not known/));
  const invented = { ...deleted, token: `gwj_${'A'.repeat(49)}.${deleted.token.split('.')[1]}` };
  await assert.rejects(join(invented), refusal('join_token_wrong', /not known/));
  await assert.rejects(join({ ...deleted, token: 'gwj_cut' }), refusal('token_malformed', /no join token/));
  assert.equal((await manager.call('GET /gateways')).body.total, 0);
});

test('the token is kept from every other manager, and from what is none', async (t) => {
  const [manager, other] = [await startManager(t), await startManager(t)];
  const [token, foreign] = [await makeToken(manager), await makeToken(other)];
  await assert.rejects(join({ ...token, managerUrl: foreign.managerUrl }), refusal('manager_unknown', /not shown/));
  const tokens = (await manager.call('GET /server-groups/local/join-tokens')).body.items;
  assert.equal(tokens[0].state, 'open', 'it can still be used');
  const plain = http.createServer().listen(0, '127.0.0.1');
  t.after(() => plain.close());
  await eventually('it listens', () => plain.listening || undefined);
  const address = plain.address();
  const port = typeof address === 'object' ? address?.port : 0;
  await assert.rejects(
    join({ ...token, managerUrl: `https://127.0.0.1:${port}` }),
    refusal('unreachable', /cannot be reached/),
  );
  await assert.rejects(
    join({ ...token, managerUrl: 'https://127.0.0.1:1' }),
    refusal('unreachable', /cannot be reached/),
  );
  await assert.rejects(join({ ...token, managerUrl: 'http://127.0.0.1:1' }), refusal('token_malformed', /https:/));
});

test('a name is given once in a server group', async (t) => {
  const manager = await startManager(t);
  await join(await makeToken(manager), 'edge-1');
  const token = await makeToken(manager);
  await assert.rejects(join(token, 'edge-1'), refusal('refused', /has a gateway edge-1/));
  await join(token, 'edge-2');
});

test('forged, foreign and missing certificates get neither feed nor reports', async (t) => {
  const manager = await startManager(t);
  const member = await join(await makeToken(manager));
  const ca = await createCa({ now: Date.now(), random: systemRandom });
  const { key, request } = await requestCertificate();
  const making = { now: Date.now(), random: systemRandom, lifeMs: 3_600_000, request };
  const forged = await issueGatewayCertificate(ca, { ...making, gateway: member });
  assert.equal(
    await feedStatus(linkOf(t, { ...member, key, certificate: forged.certificate })),
    401,
    'another authority',
  );
  const bare = tlsLink(new URL(member.manager), () => ({ ca: member.authority }));
  t.after(() => bare.close());
  assert.equal(await feedStatus(bare), 401, 'none');
  await assert.rejects(post(bare, '/internal/v1/reports', report()), /Show a gateway's certificate/);
  await assert.rejects(
    post(bare, '/internal/v1/renew', { certificateRequest: request }),
    /Show a gateway's certificate/,
  );
  assert.equal(await feedStatus(linkOf(t, member)), 200, 'its own');
});

test('a request for a certificate that is not signed with its own key is refused, and uses no token', async (t) => {
  const manager = await startManager(t);
  const token = await makeToken(manager);
  const { authority } = await join(await makeToken(manager), 'other');
  const link = tlsLink(new URL(token.managerUrl), () => ({ ca: authority }));
  t.after(() => link.close());
  const { request } = await requestCertificate();
  const der = Buffer.from(request.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
  const broken = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  const body = { token: token.token.split('.')[0], name: 'edge-1' };
  for (const certificateRequest of [broken, 'no request', ''])
    await assert.rejects(post(link, '/internal/v1/join', { ...body, certificateRequest }), JoinError);
  await join(token);
});

test('a removed gateway loses its feed at once, and is refused from then on', async (t) => {
  const manager = await startManager(t);
  const member = await join(await makeToken(manager));
  const link = linkOf(t, member);
  const feed = await beginFeed(link);
  const ended = new Promise((resolve) => feed.answer.resume().once('close', resolve));
  const startedAt = performance.now();
  assert.equal((await manager.call('DELETE /gateways/edge-1')).status, 204);
  await ended;
  assert.ok(performance.now() - startedAt < 500, 'at once');
  assert.equal(await feedStatus(link), 410);
  await assert.rejects(post(link, '/internal/v1/reports', report()), /was removed/);
  assert.equal((await manager.call('GET /gateways')).body.total, 0);
  await join(await makeToken(manager), 'edge-1');
});

test('a certificate is renewed with a new key at two thirds of its life, and the one before is let in no more', async (t) => {
  const manager = await startManager(t, 12_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'gatewright-member-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  let current = await join(await makeToken(manager));
  writeMembership(folder, current);
  assert.equal(statSync(membershipFile(folder)).mode & 0o777, 0o600);
  const first = current;
  const link = tlsLink(new URL(first.manager), () => ({
    ca: current.authority,
    own: { key: current.key, certificate: current.certificate },
  }));
  const stop = startRenewal({
    ...{ link, clock: systemClock, logger: noLogger, membership: () => current },
    keep(next) {
      writeMembership(folder, next);
      current = next;
    },
  });
  t.after(() => {
    stop();
    link.close();
  });
  await eventually('it is renewed', () => current.certificate !== first.certificate || undefined, 14_000);
  assert.notEqual(current.key, first.key);
  assert.deepEqual(readMembership(folder), current);
  assert.equal(await feedStatus(linkOf(t, first)), 200, 'the answer might have been lost');
  assert.equal(await feedStatus(linkOf(t, current)), 200);
  await sleep(50);
  assert.equal(await feedStatus(linkOf(t, first)), 401, 'replaced');
  const key = readFileSync(membershipFile(folder), 'utf8');
  assert.ok(!key.includes(first.key.split('\n')[1] ?? '-'), 'the old key is gone');
});

test('a certificate that ended is refused', async (t) => {
  const manager = await startManager(t, 6_000);
  const member = await join(await makeToken(manager));
  manager.clock.advance(4_000); // the listener's own is renewed then
  await sleep(Math.max(0, member.certificateEndsAt - Date.now()) + 1_100);
  assert.equal(await feedStatus(linkOf(t, member)), 401);
});

test('the authority and the port are the same after a restart and after a new master key', async (t) => {
  const manager = await startManager(t);
  const member = await join(await makeToken(manager));
  assert.equal((await manager.call('POST /master-key/rotate', { body: {} })).status < 300, true);
  assert.equal(await feedStatus(linkOf(t, member)), 200);
  const { token } = await makeToken(manager);
  assert.equal(token.split('.')[1], (await makeToken(manager)).token.split('.')[1]);
});

test('joining can be turned off', async (t) => {
  const manager = await startTestManager(t, {
    options: { gateways: { accept: false, host: '127.0.0.1', port: 0, url: '', certificateLifeMs: 3_600_000 } },
  });
  const { status, body } = await manager.call('POST /server-groups/local/join-tokens', { body: {} });
  assert.deepEqual([status, body.code], [503, 'unavailable']);
});
