import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Registered } from '#test/support/client-registry';
import { createOAuthSystem, type OAuthSystem } from '#test/support/oauth';
import { type DeviceApproval, decideDeviceRequest, saveDeviceRequest } from '../device/record.ts';

const TYPE = 'urn:ietf:params:oauth:grant-type:device_code';
const LIFE_MS = 600_000;
const USER_CODE = 'WDJB-MJHT';
const DEVICE_CODE = 'd'.repeat(43);
const OWNER = 'own_0000000000000001';

interface Device {
  readonly system: OAuthSystem;
  readonly client: Registered;
  poll(who?: Registered): Promise<readonly [status: number, error: unknown, code: string | undefined]>;
  decide(approval: DeviceApproval | undefined): Promise<boolean>;
}

async function begin(): Promise<Device> {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const { store, clock } = system;
  await saveDeviceRequest(
    store,
    { deviceCode: DEVICE_CODE, userCode: USER_CODE },
    {
      ...{ clientId: client.clientId, subscriptionId: client.subscriptionId, consumerKey: client.consumerKey },
      ...{ projectId: 'prj_T', serverGroupId: 'grp_A', scopes: ['orders:read'], audience: undefined },
      ...{ endsAt: clock.now() + LIFE_MS, pollMs: 5000, polledAt: undefined, state: 'pending' },
    },
  );
  return {
    ...{ system, client },
    async poll(who = client) {
      const form = {
        grant_type: TYPE,
        device_code: DEVICE_CODE,
        client_id: who.consumerKey,
        client_secret: who.secret,
      };
      const answer = await system.postForm(form, { grantTypes: [TYPE] });
      return [answer.status, answer.json.error ?? answer.json.scope, answer.code];
    },
    decide: (approval) => decideDeviceRequest(store, { typed: 'wdjb mjht', now: clock.now(), approval }),
  };
}

const approval = ({ clock }: OAuthSystem, scopes = ['orders:read']): DeviceApproval => ({
  ...{ subject: OWNER, username: 'alice', subjectGeneration: 0, scopes, authenticatedAt: clock.now() },
});

test('RFC 8628 §3.5: it waits, is told to slow down by 5 s each time, and then gets its tokens once', async () => {
  const { system, poll, decide } = await begin();
  const { clock } = system;
  assert.deepEqual(await poll(), [400, 'authorization_pending', 'oauth_device_pending']);
  clock.advance(4000);
  assert.deepEqual(await poll(), [400, 'slow_down', 'oauth_slow_down']);
  clock.advance(6000); // 10 s are asked for by now
  assert.deepEqual(await poll(), [400, 'slow_down', 'oauth_slow_down']);
  clock.advance(15_000);
  assert.deepEqual(await poll(), [400, 'authorization_pending', 'oauth_device_pending']);
  assert.equal(await decide(approval(system)), true);
  assert.deepEqual(await poll(), [200, 'orders:read', undefined]);
  assert.deepEqual(await poll(), [400, 'invalid_grant', 'oauth_grant']);
});

test('a code that ended undecided says so, and nobody can decide it any more', async () => {
  const { system, poll, decide } = await begin();
  system.clock.advance(LIFE_MS);
  assert.deepEqual(await poll(), [400, 'expired_token', 'oauth_device_expired']);
  assert.equal(await decide(approval(system)), false);
  system.clock.advance(LIFE_MS);
  assert.deepEqual(await poll(), [400, 'invalid_grant', 'oauth_grant'], 'forgotten');
});

test('what was denied stays denied, and a user code is good for one decision', async () => {
  const { system, poll, decide } = await begin();
  assert.equal(await decide(undefined), true);
  assert.equal(await decide(approval(system)), false);
  assert.deepEqual(await poll(), [400, 'access_denied', 'oauth_access_denied']);
});

test('another client gets nothing for it, and does not use it up', async () => {
  const { system, poll, decide } = await begin();
  assert.equal(await decide(approval(system)), true);
  const other = system.registry.register();
  assert.deepEqual(await poll(other), [400, 'invalid_grant', 'oauth_grant']);
  assert.deepEqual(await poll(), [200, 'orders:read', undefined]);
});

test('an owner who was disabled, or whose tokens were revoked, after the approval gives nothing', async () => {
  for (const change of [{ active: false }, { generation: 1 }]) {
    const { system, poll, decide } = await begin();
    assert.equal(await decide(approval(system)), true);
    system.registry.changeSubject(OWNER, change);
    assert.deepEqual(await poll(), [400, 'invalid_grant', 'oauth_grant']);
  }
});

test('of several that ask at once exactly one gets tokens', async () => {
  const { system, poll, decide } = await begin();
  assert.equal(await decide(approval(system)), true);
  const answers = await Promise.all(Array.from({ length: 8 }, () => poll()));
  assert.equal(answers.filter(([status]) => status === 200).length, 1);
});
