import assert from 'node:assert/strict';
import { sha256Hex } from '#core/credential';
import type { TokenStore } from '#core/token-store';
import { type Guarantee, note, standing } from './guarantee.ts';
import { grantedToken, NOW, sampleCode, sampleGrant, sampleRefresh } from './sample-token.ts';

const HASH = sha256Hex('code');

/** A grant `gra_A` with the code `code`. */
async function saveCode(store: TokenStore) {
  const grant = sampleGrant('A');
  const code = sampleCode('code', grant.id);
  await store.saveIssue({ grant, code });
  return { grant, code };
}

/** What an authorization code is for (RFC 6749 §4.1.2): once, briefly, and what it gave dies when it is presented again. */
export function guaranteeCodes(guarantee: Guarantee): void {
  guarantee('consumes a code with all that it is bound to', async (store) => {
    const { grant, code } = await saveCode(store);
    const full = sampleGrant('full', {
      ...{ scopes: [], parameters: { Department: 'Engineering' }, subject: undefined },
      details: { audience: ['https://api.example/'], username: 'maria', authenticatedAt: NOW },
      generations: { client: 1, subscription: 2, secret: 3 },
    });
    const bare = sampleCode('bare', full.id, { redirectUri: undefined, codeChallenge: undefined });
    await store.saveIssue({ grant: full, code: bare });
    const attempt = { id: 'one', now: NOW + 1 };
    assert.deepEqual(await store.consumeCode(HASH, attempt), { state: 'consumed', code, grant, inactive: [] });
    const consumed = await store.consumeCode(bare.hash, attempt);
    assert.deepEqual(consumed, { state: 'consumed', code: bare, grant: full, inactive: [] });
    assert.deepEqual(await store.findGrant(full.id), full);
    assert.deepEqual(await store.consumeCode(sha256Hex('none'), attempt), { state: 'unknown' });
  });

  guarantee('gives a code to the same attempt again, and only to that', async (store) => {
    await saveCode(store);
    for (const now of [NOW + 1, NOW + 2, NOW + 60_000]) {
      assert.equal((await store.consumeCode(HASH, { id: 'one', now })).state, 'consumed', `${now - NOW}`);
    }
    assert.equal((await store.consumeCode(HASH, { id: 'two', now: NOW + 3 })).state, 'replayed');
    assert.equal((await store.consumeCode(HASH, { id: 'one', now: NOW + 4 })).state, 'revoked');
    assert.equal((await store.consumeCode(HASH, { id: 'two', now: NOW + 5 })).state, 'replayed');
  });

  guarantee('of many that present a code at once exactly one gets it, and what that got is dead', async (store) => {
    const { grant } = await saveCode(store);
    const attempts = Array.from({ length: 20 }, (_, n) => store.consumeCode(HASH, { id: `${n}`, now: NOW + 1 }));
    const states = (await Promise.all(attempts)).map(({ state }) => state).sort();
    assert.deepEqual(states, ['consumed', ...Array.from({ length: 19 }, () => 'replayed')]);
    // The winner saves its tokens only now: they come too late.
    const access = grantedToken('late', grant.id);
    await store.saveIssue({ access, refresh: sampleRefresh('late refresh', grant.id) });
    assert.equal((await store.findAccess(access.hash, NOW + 2)).state, 'revoked');
    assert.equal((await store.findRefresh(sha256Hex('late refresh'), NOW + 2)).state, 'revoked');
  });

  guarantee('kills grant and access tokens in the very step of a replay, and says so in its feed', async (store) => {
    const { grant } = await saveCode(store);
    await store.consumeCode(HASH, { id: 'one', now: NOW + 1 });
    const access = grantedToken('access', grant.id);
    await store.saveIssue({ access, refresh: sampleRefresh('refresh', grant.id) });
    const { cursor } = await store.changesSince(undefined, 10);
    await store.consumeCode(HASH, { id: 'two', now: NOW + 2 });
    assert.deepEqual(await store.findAccess(access.hash, NOW + 3), {
      state: 'revoked',
      token: access,
      by: 'the second use of its authorization code',
      at: NOW + 2,
      reason: undefined,
      standing: undefined,
      byGrant: true,
    });
    assert.equal((await store.findRefresh(sha256Hex('refresh'), NOW + 3)).state, 'revoked');
    assert.deepEqual((await store.changesSince(cursor, 10)).changes, [{ kind: 'grant', id: grant.id }]);
  });

  guarantee('refuses a code from the very millisecond of its expiry; a replay counts after that too', async (store) => {
    const { grant, code } = await saveCode(store);
    const late = { id: 'late', now: code.expiresAt };
    assert.deepEqual(await store.consumeCode(HASH, late), { state: 'expired', code, grant });
    const inTime = { id: 'one', now: code.expiresAt - 1 };
    assert.equal((await store.consumeCode(HASH, inTime)).state, 'consumed', 'an expired try consumes nothing');
    assert.equal((await store.consumeCode(HASH, late)).state, 'replayed');
  });

  guarantee('refuses the code of a dead grant and says who killed it', async (store) => {
    const { grant, code } = await saveCode(store);
    await store.revokeGrant(grant.id, { by: 'maria', at: NOW + 1, reason: 'not mine' });
    assert.deepEqual(await store.consumeCode(HASH, { id: 'one', now: NOW + 2 }), {
      ...{ state: 'revoked', code, grant },
      death: { by: 'maria', at: NOW + 1, reason: 'not mine', standing: undefined },
    });
  });

  for (const [kind, id] of [
    ['client', 'cli_A'],
    ['subscription', 'sub_A'],
    ['subject', 'own_A'],
  ] as const) {
    guarantee(`refuses a code that was granted under a lower generation of its ${kind}`, async (store) => {
      const { grant, code } = await saveCode(store);
      const raised = standing({ kind, id, generation: 5 });
      await store.writeStandings([raised]);
      const { by, at, reason } = raised;
      const death = { by, at, reason, standing: raised };
      assert.deepEqual(await store.consumeCode(HASH, { id: 'one', now: NOW + 9 }), {
        ...{ state: 'revoked', code, grant, death },
      });
    });
  }

  guarantee('consumes the code of a suspended subscription and says what is inactive', async (store) => {
    await saveCode(store);
    const suspended = standing({ kind: 'subscription', id: 'sub_A', generation: 2, active: false });
    await store.writeStandings([suspended]);
    const consumed = await store.consumeCode(HASH, { id: 'one', now: NOW + 9 });
    assert.deepEqual(consumed.state === 'consumed' && consumed.inactive, [suspended]);
  });

  guarantee('saves what one answer hands out once, however often it is saved', async (store) => {
    const { grant, code } = await saveCode(store);
    await store.consumeCode(HASH, { id: 'one', now: NOW + 1 });
    await store.revokeGrant(grant.id, note('maria'));
    await store.saveIssue({ grant, code });
    assert.equal((await store.consumeCode(HASH, { id: 'two', now: NOW + 6 })).state, 'replayed');
    const { grants, codes } = await store.sizes();
    assert.deepEqual([grants, codes], [1, 1]);
  });
}
