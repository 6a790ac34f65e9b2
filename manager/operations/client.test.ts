import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { consumerSecretContext, FEED_KINDS, type FeedKind } from '#core/change-feed';
import { createLetterKey, openLetter } from '#core/sealed-letter';
import { openTestManager, type TestManager } from '#test/support/manager-context';
import { lettersFor } from '../gateways/letters.ts';

const ed25519 = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });

/** What gateways have of all objects of a kind. */
// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects by using it
async function feedOf(manager: TestManager, kind: FeedKind): Promise<any[]> {
  const rows = await manager.context.db.read.selectFrom('feed').select('payload').where('kind', '=', kind).execute();
  return rows.map(({ payload }) => FEED_KINDS[kind].parse(JSON.parse(payload ?? 'null')));
}

async function subscribed(t: TestContext, client: object): Promise<TestManager> {
  const manager = await openTestManager(t);
  await manager.run('products.create', { body: { displayName: 'Shop' } });
  await manager.run('clients.create', { body: { displayName: 'App', ...client } });
  await manager.run('subscriptions.create', { body: { client: 'app', product: 'shop' } });
  return manager;
}

const refusedAt = (pointer: string) => (error: unknown) =>
  error instanceof Error && error.message.startsWith(`${pointer}: `);

test('a public client has method none, gets a consumer key without secret, and gateways know its redirect URIs', async (t) => {
  const redirectUris = ['https://app.example.com/callback'];
  const manager = await subscribed(t, { kind: 'public', redirectUris });
  const made = await manager.run('keys.create', { params: { subscription: 'app-shop' } });
  assert.match(made.consumerKey, /^gwk_/);
  assert.deepEqual([made.consumerSecret, made.secret], [undefined, undefined]);
  const again = await manager.run('keys.create', { params: { subscription: 'app-shop' } });
  assert.equal(again.consumerKey, made.consumerKey);
  await assert.rejects(manager.run('keys.rotate', { params: { subscription: 'app-shop' } }), /uses no secret/);
  const [client] = await feedOf(manager, 'client');
  assert.deepEqual([client.kind, client.authMethod, client.redirectUris], ['public', 'none', redirectUris]);
  const [key] = await feedOf(manager, 'consumer-key');
  assert.deepEqual(key.secrets, []);
});

test('settings that do not fit are refused with the field that is to change', async (t) => {
  const manager = await subscribed(t, {});
  const create = (body: object) => manager.run('clients.create', { body: { displayName: 'Other', ...body } });
  const update = (body: object) => manager.run('clients.update', { params: { client: 'app' }, body });
  await assert.rejects(create({ kind: 'public', authMethod: 'client_secret' }), refusedAt('/authMethod'));
  await assert.rejects(create({ authMethod: 'private_key_jwt' }), refusedAt('/jwks'));
  await assert.rejects(update({ authMethod: 'none' }), refusedAt('/authMethod'));
  await assert.rejects(update({ redirectUris: ['https://a.example/#x'] }), /fragment/);
  await assert.rejects(
    update({ jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AA' }] } }),
    refusedAt('/jwks/keys/0'),
  );
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
  await assert.rejects(update({ jwks: { keys: [weak] } }), /2048 bits/);
});

test('keys, certificate name and binding travel to the gateways, and null takes them back', async (t) => {
  const certificateName = { field: 'san_dns', value: 'app.example.com' };
  const manager = await subscribed(t, { authMethod: 'private_key_jwt', jwks: { keys: [ed25519] } });
  const update = (body: object) => manager.run('clients.update', { params: { client: 'app' }, body });
  const [client] = await feedOf(manager, 'client');
  assert.deepEqual(JSON.parse(client.jwks), { keys: [ed25519] });
  await assert.rejects(update({ jwks: null }), refusedAt('/jwks'));
  await update({ jwks: null, authMethod: 'tls_client_auth', certificateName, certificateBound: true });
  const [after] = await feedOf(manager, 'client');
  assert.deepEqual([after.jwks, after.certificateName, after.certificateBound], [undefined, certificateName, true]);
  await update({ authMethod: 'client_secret', certificateName: null });
  assert.equal((await manager.run('clients.get', { params: { client: 'app' } })).certificateName, undefined);
});

test('client_secret_jwt keeps secrets readable by one gateway only, and no longer than the method lasts', async (t) => {
  const manager = await subscribed(t, { authMethod: 'client_secret_jwt' });
  const made = await manager.run('keys.create', { params: { subscription: 'app-shop' } });
  assert.equal(made.secret?.kept, 'encrypted');
  const [payload] = await feedOf(manager, 'consumer-key');
  const [secret] = payload.secrets;
  assert.ok(!JSON.stringify(payload).includes(made.consumerSecret ?? '?'));
  const key = createLetterKey();
  const rewrite = lettersFor(manager.context, key.publicKey);
  const entry = rewrite({ seq: 1, kind: 'consumer-key', id: made.consumerKey, serverGroupId: undefined, payload });
  const letter = FEED_KINDS['consumer-key'].parse(entry?.payload).secrets[0]?.sealed ?? '';
  assert.equal(openLetter(letter, { key, context: consumerSecretContext(secret.id) }).toString(), made.consumerSecret);
  await manager.run('clients.update', { params: { client: 'app' }, body: { authMethod: 'client_secret' } });
  const [hidden] = await feedOf(manager, 'consumer-key');
  assert.equal(hidden.secrets[0].sealed, undefined);
  const keys = await manager.run('keys.list', { params: { subscription: 'app-shop' } });
  assert.equal(keys.secrets[0]?.kept, 'hash');
});
