import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandClock, systemClock } from '#core/clock';
import { UnavailableError } from '#core/errors';
import type { OwnerQuestion } from '#core/owner-question';
import { tlsLink } from '#gateway/manager-link';
import { joinManager } from '#gateway/membership/join';
import { createOwnerClient } from '#gateway/owner-client';
import { startTestManager } from '#test/support/running-manager';

const password = 'a long walk by the sea';
const question: Extract<OwnerQuestion, { ask: 'check-password' }> = {
  ask: 'check-password',
  directory: 'local',
  username: 'anna',
  password,
  address: '192.0.2.1',
  clientId: 'cli_1',
};

test('a gateway that joined asks over TLS with its certificate, and nobody does without', async (t) => {
  const gateways = { accept: true, host: '127.0.0.1', port: 0, url: '', certificateLifeMs: 30 * 86_400_000 };
  const manager = await startTestManager(t, { clock: new HandClock(Date.now()), options: { gateways } });
  await manager.call('POST /resource-owners', { body: { name: 'anna', password } });
  const { body: token } = await manager.call('POST /server-groups/local/join-tokens', { body: {} });
  const member = await joinManager({
    manager: token.managerUrl,
    token: token.token,
    name: 'edge-1',
    clock: systemClock,
  });
  const linkWith = (own: { readonly key: string; readonly certificate: string } | undefined) => {
    const link = tlsLink(new URL(member.manager), () => ({ ca: member.authority, ...(own && { own }) }));
    t.after(() => link.close());
    return createOwnerClient(link);
  };
  const joined = linkWith({ key: member.key, certificate: member.certificate });
  assert.equal((await joined.ask(question)).state, 'known');
  assert.equal((await joined.ask({ ...question, password: 'wrong' })).state, 'wrong');
  await assert.rejects(linkWith(undefined).ask(question), UnavailableError);
  const removed = await manager.call('DELETE /gateways/edge-1', { headers: { 'if-match': '*' } });
  assert.ok(removed.status < 300, removed.text);
  await assert.rejects(joined.ask(question), UnavailableError);
});
