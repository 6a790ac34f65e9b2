import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '#core/credential';
import { Refusal, UnavailableError } from '#core/errors';
import { base62 } from '#core/id';
import { systemRandom } from '#core/random';
import type { Standing } from '#core/standing';
import type { TokenStore } from '#core/token-store';
import type { VerificationPurpose } from '#core/token-verifier';
import { createOAuthSystem, type OAuthOptions } from '#test/support/oauth';

const PURPOSE: VerificationPurpose = {
  serverGroupId: 'grp_A',
  projectId: 'prj_A',
  projectName: 'orders-api',
  requireActiveSubscription: true,
};

/** A system whose store counts look-ups. */
function createCounted(options: OAuthOptions = {}) {
  const counts = { lookUps: 0 };
  const system = createOAuthSystem({
    ...options,
    wrapStore: (store): TokenStore => ({
      ...store,
      findAccess: (hash, now) => {
        counts.lookUps += 1;
        return store.findAccess(hash, now);
      },
    }),
  });
  return { ...system, counts };
}

const standing = (changes: Partial<Standing>): Standing => ({
  kind: 'client',
  id: 'cli_1',
  generation: 1,
  active: true,
  by: 'priya',
  at: 1_700_000_000_001,
  reason: undefined,
  ...changes,
});

test('a token seen before is verified at once, and the store is asked again after 5 s', async () => {
  const { counts, clock, verifier, ...system } = createCounted();
  const token = await system.getToken(system.registry.register());
  for (let i = 0; i < 10; i += 1) verifier.verify(token, PURPOSE);
  assert.equal(counts.lookUps, 1);
  clock.advance(4999);
  system.registry.register(); // a change decides standing again, without the store
  verifier.verify(token, PURPOSE);
  assert.equal(counts.lookUps, 1);
  clock.advance(1);
  const verified = verifier.verify(token, PURPOSE);
  assert.equal(counts.lookUps, 2);
  assert.ok(!(verified instanceof Promise) && verified.consumerKey?.startsWith('gwk_'));
});

test('where it is strict the store is asked for each call, and a revocation counts before the feed tells of it', async () => {
  const { counts, clock, store, verifier, ...system } = createCounted();
  const strict = { ...PURPOSE, isStrict: true };
  const token = await system.getToken(system.registry.register());
  for (let i = 0; i < 5; i += 1) await verifier.verify(token, strict);
  assert.equal(counts.lookUps, 5);
  await store.revokeAccess(sha256Hex(token), { by: 'priya', at: clock.now(), reason: undefined });
  await verifier.verify(token, PURPOSE); // remembered
  await assert.rejects(async () => verifier.verify(token, strict), { code: 'token_revoked' });
});

test('a change of the registry counts at once, though the token is remembered', async () => {
  const { verifier, registry, ...system } = createCounted();
  const client = registry.register();
  const token = await system.getToken(client);
  const code = () => {
    try {
      verifier.verify(token, PURPOSE);
      return undefined;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  assert.equal(code(), undefined);
  registry.changeSubscription(client.subscriptionId, { state: 'suspended' });
  assert.equal(code(), 'subscription_suspended');
  registry.changeSubscription(client.subscriptionId, { state: 'active' });
  assert.equal(code(), undefined);
  registry.changeProduct('prd_1', { projectIds: [] });
  assert.equal(code(), 'subscription_missing');
  registry.changeProduct('prd_1', { projectIds: ['prj_A'] });
  registry.changeClient(client.clientId, { active: false });
  assert.equal(code(), 'client_disabled');
  registry.changeClient(client.clientId, { active: true });
  assert.equal(code(), undefined);
  registry.changeSecret(client.consumerKey, { generation: 2 });
  assert.equal(code(), 'token_revoked');
  registry.changeSecret(client.consumerKey, { generation: 1 });
  registry.removeClient(client.clientId);
  assert.equal(code(), 'token_revoked');
});

test('a subscription starts and ends by the clock, without any change', async () => {
  const { verifier, registry, clock, ...system } = createCounted();
  const client = registry.register({ subscription: { endsAt: clock.now() + 1000 } });
  const token = await system.getToken(client);
  verifier.verify(token, PURPOSE);
  clock.advance(1000);
  assert.throws(() => verifier.verify(token, PURPOSE), { code: 'subscription_ended' });
  verifier.verify(token, { ...PURPOSE, requireActiveSubscription: false });
  registry.changeSubscription(client.subscriptionId, { endsAt: undefined, startsAt: clock.now() + 1 });
  assert.throws(() => verifier.verify(token, PURPOSE), { code: 'subscription_pending' });
});

test('what the store knows earlier than the replica counts too', async () => {
  const { verifier, store, registry, ...system } = createCounted();
  const client = registry.register();
  const token = await system.getToken(client);
  await store.writeStandings([standing({ kind: 'subscription', id: client.subscriptionId, active: false })]);
  assert.throws(() => verifier.verify(token, PURPOSE), { code: 'subscription_suspended' });
  await store.writeStandings([standing({ id: client.clientId, active: false })]);
  verifier.forget({ kind: 'standing', standing: standing({ id: client.clientId }) });
  assert.throws(() => verifier.verify(token, PURPOSE), { code: 'client_disabled' });
  await store.writeStandings([standing({ kind: 'secret', id: client.secretId, generation: 2, reason: 'leaked' })]);
  assert.throws(() => verifier.verify(token, PURPOSE), { code: 'token_revoked' });
});

test('a change in the feed of the store makes it forget what it bears on, and nothing else', async () => {
  const { verifier, store, registry, clock, ...system } = createCounted();
  const [a, b] = [registry.register(), registry.register()];
  const tokens = [await system.getToken(a), await system.getToken(a), await system.getToken(b)];
  for (const token of tokens) verifier.verify(token, PURPOSE);
  assert.equal(verifier.sizes().live, 3);
  const hash = sha256Hex(tokens[0]!);
  await store.revokeAccess(hash, { by: 'priya', at: clock.now(), reason: undefined });
  verifier.forget({ kind: 'token', hash });
  assert.throws(() => verifier.verify(tokens[0]!, PURPOSE), { code: 'token_revoked' });
  verifier.forget({ kind: 'standing', standing: standing({ kind: 'secret', id: b.secretId }) });
  assert.equal(verifier.sizes().live, 1);
  verifier.forget('flush');
  assert.deepEqual([verifier.sizes().live, verifier.sizes().dead], [0, 0]);
});

/** That it is refused with this code and, among others, these facts. */
function refuses(verify: () => unknown, code: string, facts: Readonly<Record<string, unknown>>): void {
  assert.throws(verify, (error) => {
    assert.ok(error instanceof Refusal);
    assert.partialDeepStrictEqual({ code: error.code, facts: { ...error.facts } }, { code, facts });
    return true;
  });
}

/** A token that a resource owner allowed, with the grant it came from. */
async function saveOwned({ store, registry, clock }: ReturnType<typeof createOAuthSystem>, value: string) {
  const client = registry.register();
  const id = `gra_${value.slice(0, 4)}`;
  const shared = {
    ...{ clientId: client.clientId, subscriptionId: client.subscriptionId, productId: 'prd_1' },
    ...{ serverGroupId: 'grp_A', projectId: 'prj_T', subject: 'own_1', scopes: ['orders:read'], parameters: {} },
    generations: { client: 1, subscription: 1, subject: 2 },
  };
  const access = {
    ...{ ...shared, hash: sha256Hex(value), secretId: undefined, grantId: id, details: { username: 'maria' } },
    ...{ issuedAt: clock.now(), expiresAt: clock.now() + 600_000 },
  };
  await store.saveIssue({ grant: { ...shared, id, createdAt: clock.now() }, access });
  return id;
}

test('a token dies with its grant, also while it is remembered', async () => {
  const { counts, ...system } = createCounted();
  const { verifier, store, clock } = system;
  const [value, other] = ['a'.repeat(30), 'b'.repeat(30)];
  const id = await saveOwned(system, value);
  await saveOwned(system, other);
  verifier.verify(value, PURPOSE);
  verifier.verify(other, { ...PURPOSE, requireActiveSubscription: false });
  await store.revokeGrant(id, { by: 'maria', at: clock.now(), reason: 'changed my mind' });
  verifier.forget({ kind: 'grant', id });
  const note = { by: 'maria', reason: 'changed my mind', withGrant: true };
  refuses(() => verifier.verify(value, PURPOSE), 'token_revoked', note);
  verifier.verify(other, { ...PURPOSE, requireActiveSubscription: false });
  assert.equal(counts.lookUps, 3, 'only the token of that grant was forgotten');
});

test('a resource owner who is disabled, or whose tokens were revoked, counts at once', async () => {
  const system = createOAuthSystem();
  const { verifier, registry, store } = system;
  const value = 'c'.repeat(30);
  await saveOwned(system, value);
  verifier.verify(value, PURPOSE);
  registry.changeSubject('own_1', { generation: 2, active: false, changedReason: 'left' });
  const facts = { owner: 'maria', subject: 'own_1', by: 'priya', reason: 'left' };
  refuses(() => verifier.verify(value, PURPOSE), 'token_owner_disabled', facts);
  registry.changeSubject('own_1', { active: true });
  verifier.verify(value, PURPOSE);
  await store.writeStandings([standing({ kind: 'subject', id: 'own_1', generation: 2, active: false })]);
  verifier.forget({ kind: 'standing', standing: standing({ kind: 'subject', id: 'own_1' }) });
  assert.throws(() => verifier.verify(value, PURPOSE), { code: 'token_owner_disabled' }, 'by the store alone');
  registry.changeSubject('own_1', { generation: 3 });
  refuses(() => verifier.verify(value, PURPOSE), 'token_revoked', { standing: 'subject' });
});

test('10 000 made-up tokens hardly touch the store, long ones not at all', async () => {
  const { counts, verifier, ...system } = createCounted({ missesPerSecond: 5 });
  for (let i = 0; i < 5000; i += 1) {
    assert.throws(() => verifier.verify(base62(systemRandom, 54), PURPOSE, '192.0.2.66'), { code: 'token_unknown' });
  }
  assert.equal(counts.lookUps, 0);
  const codes = new Set<string>();
  for (let i = 0; i < 5000; i += 1) {
    try {
      verifier.verify(base62(systemRandom, 40), PURPOSE, '192.0.2.66');
    } catch (error) {
      codes.add((error as { code: string }).code);
    }
  }
  assert.equal(counts.lookUps, 50, 'ten seconds of the budget');
  assert.deepEqual([...codes], ['token_unknown', 'gateway_busy']);
  const short = await system.getToken(system.registry.register(), {}, { accessTokenLength: 40 });
  verifier.verify(short, PURPOSE, '192.0.2.1'); // others are not held up
  assert.ok(verifier.sizes().dead <= 1000);
});

test('an unknown token is remembered for a second at most', async () => {
  const { counts, verifier, clock } = createCounted();
  const ask = () => assert.throws(() => verifier.verify('a'.repeat(30), PURPOSE), { code: 'token_unknown' });
  ask();
  ask();
  assert.equal(counts.lookUps, 1);
  clock.advance(1000);
  ask();
  assert.equal(counts.lookUps, 2);
});

test('while no revocations are heard of it refuses, or serves and says so', async () => {
  const { state, verifier, ...system } = createCounted();
  const token = await system.getToken(system.registry.register());
  state.staleForMs = 6000;
  assert.throws(() => verifier.verify(token, PURPOSE), { code: 'revocation_state_stale', facts: { sinceMs: 6000 } });
  const verified = verifier.verify(token, { ...PURPOSE, whenStale: 'serve' });
  assert.equal(!(verified instanceof Promise) && verified.staleForMs, 6000);
});

test('a store that does not answer is said to be unavailable, and a token that is remembered still passes', async () => {
  let isBroken = false;
  const system = createOAuthSystem({
    wrapStore: (store) => ({
      ...store,
      findAccess(hash, now) {
        if (isBroken) throw new UnavailableError('gone');
        return store.findAccess(hash, now);
      },
    }),
  });
  const client = system.registry.register();
  const [known, fresh] = [await system.getToken(client), await system.getToken(client)];
  system.verifier.verify(known, PURPOSE);
  isBroken = true;
  system.verifier.verify(known, PURPOSE);
  assert.throws(() => system.verifier.verify(fresh, PURPOSE), { code: 'store_unavailable' });
});

test('an answer that was under way while its token was revoked is not remembered', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const system = createOAuthSystem({
    wrapStore: (store) => ({
      ...store,
      async findAccess(hash, now) {
        const found = await store.findAccess(hash, now);
        await promise;
        return found;
      },
    }),
  });
  const token = await system.getToken(system.registry.register());
  const verifying = system.verifier.verify(token, PURPOSE);
  const hash = sha256Hex(token);
  await system.store.revokeAccess(hash, { by: 'priya', at: system.clock.now(), reason: undefined });
  system.verifier.forget({ kind: 'token', hash });
  resolve();
  await verifying;
  await assert.rejects(async () => system.verifier.verify(token, PURPOSE), { code: 'token_revoked' });
});
