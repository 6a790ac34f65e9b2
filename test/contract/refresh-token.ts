import assert from 'node:assert/strict';
import { sha256Hex } from '#core/credential';
import type { TokenStore } from '#core/token-store';
import { type Guarantee, note, standing } from './guarantee.ts';
import { grantedToken, LIFE_MS, NOW, sampleGrant, sampleRefresh, sampleRotation } from './sample-token.ts';

const GRANT = 'gra_A';
const stateOf = async (store: TokenStore, seed: string, now = NOW + 2000) =>
  (await store.findRefresh(sha256Hex(seed), now)).state;

/** A grant `gra_A` with the refresh token `r1` and an access token. */
async function saveRefresh(store: TokenStore) {
  const grant = sampleGrant('A');
  const refresh = sampleRefresh('r1', GRANT);
  const access = grantedToken('a1', GRANT);
  await store.saveIssue({ grant, refresh, access });
  return { grant, refresh, access };
}

/** Refresh tokens and their rotation (RFC 6749 §6, RFC 9700 §4.14.2). */
export function guaranteeRefreshTokens(guarantee: Guarantee): void {
  guarantee('finds a refresh token with its grant', async (store) => {
    const { grant, refresh: token } = await saveRefresh(store);
    assert.deepEqual(await store.findRefresh(token.hash, NOW), { state: 'live', token, grant, inactive: [] });
    assert.deepEqual(await store.findRefresh(token.hash, token.expiresAt), { state: 'expired', token, grant });
    assert.deepEqual(await store.findRefresh(sha256Hex('none'), NOW), { state: 'unknown' });
    const disabled = standing({ kind: 'subject', id: 'own_A', generation: 4, active: false });
    await store.writeStandings([disabled]);
    assert.deepEqual(await store.findRefresh(token.hash, NOW), { state: 'live', token, grant, inactive: [disabled] });
  });

  guarantee('rotates a refresh token for its successor and an access token', async (store) => {
    const { grant, refresh: token } = await saveRefresh(store);
    const rotation = sampleRotation('r1', 'r2', GRANT);
    assert.deepEqual(await store.rotateRefresh(rotation), { state: 'rotated' });
    const used = await store.findRefresh(token.hash, NOW + 2000);
    assert.deepEqual(used, { state: 'used', token, grant, usedAt: NOW + 1000 });
    assert.equal(await stateOf(store, 'r2'), 'live');
    assert.deepEqual(await store.findAccess(rotation.access.hash, NOW + 2000), {
      ...{ state: 'live', token: rotation.access, inactive: [] },
    });
    assert.deepEqual(await store.rotateRefresh(sampleRotation('r2', 'r3', GRANT)), { state: 'rotated' });
    assert.deepEqual(await store.rotateRefresh(sampleRotation('none', 'r4', GRANT)), { state: 'unknown' });
    assert.equal(await stateOf(store, 'r4'), 'unknown');
  });

  guarantee('carries the same attempt out once', async (store) => {
    await saveRefresh(store);
    const rotation = sampleRotation('r1', 'r2', GRANT);
    const states = await Promise.all([1, 2, 3].map(() => store.rotateRefresh(rotation)));
    assert.deepEqual(states, Array(3).fill({ state: 'rotated' }));
    assert.equal((await store.sizes()).refresh, 2);
    assert.equal((await store.rotateRefresh({ ...rotation, now: NOW + 20 * LIFE_MS })).state, 'rotated');
  });

  guarantee(
    'of many that rotate at once exactly one does; the others kill the grant with all tokens',
    async (store) => {
      const { access } = await saveRefresh(store);
      const { cursor } = await store.changesSince(undefined, 10);
      const rotations = Array.from({ length: 20 }, (_, n) => sampleRotation('r1', `next ${n}`, GRANT));
      const rotated = await Promise.all(rotations.map((rotation) => store.rotateRefresh(rotation)));
      const states = rotated.map(({ state }) => state).sort();
      assert.deepEqual(states, [...Array(19).fill('replayed'), 'rotated']);
      assert.deepEqual((await store.changesSince(cursor, 10)).changes, [{ kind: 'grant', id: GRANT }]);
      for (const [n, { access: next }] of rotations.entries()) {
        const isWinner = rotated[n]?.state === 'rotated';
        assert.equal(await stateOf(store, `next ${n}`), isWinner ? 'revoked' : 'unknown');
        assert.equal((await store.findAccess(next.hash, NOW + 2000)).state, isWinner ? 'revoked' : 'unknown');
      }
      const dead = await store.findAccess(access.hash, NOW + 2000);
      assert.equal(dead.state === 'revoked' && dead.by, 'the second use of its refresh token');
    },
  );

  guarantee('answers a replay within grace with an access token and never with a successor', async (store) => {
    await saveRefresh(store);
    const grace = { graceMs: 500 };
    await store.rotateRefresh(sampleRotation('r1', 'r2', GRANT, grace));
    const again = sampleRotation('r1', 'r2b', GRANT, { ...grace, now: NOW + 1499 });
    assert.deepEqual(await store.rotateRefresh(again), { state: 'graced' });
    assert.equal((await store.findAccess(again.access.hash, NOW + 1500)).state, 'live');
    assert.equal(await stateOf(store, 'r2b'), 'unknown');
    assert.equal(await stateOf(store, 'r2'), 'live', 'the successor lives on');
    assert.deepEqual(await store.rotateRefresh({ ...again, now: NOW + 3000 }), { state: 'graced' }, 'the same attempt');
    const late = sampleRotation('r1', 'r2c', GRANT, { ...grace, now: NOW + 1500 });
    assert.deepEqual(await store.rotateRefresh(late), { state: 'replayed' });
    assert.equal(await stateOf(store, 'r2'), 'revoked');
    assert.equal((await store.findAccess(late.access.hash, NOW + 1500)).state, 'unknown');
  });

  guarantee('graces nobody when the grant is dead', async (store) => {
    await saveRefresh(store);
    await store.rotateRefresh(sampleRotation('r1', 'r2', GRANT));
    await store.revokeGrant(GRANT, note('maria'));
    const { state } = await store.rotateRefresh(sampleRotation('r1', 'r3', GRANT, { graceMs: 60_000 }));
    assert.equal(state, 'revoked');
  });

  guarantee('rotates no expired refresh token, nor one of a dead grant', async (store) => {
    const { refresh } = await saveRefresh(store);
    const late = sampleRotation('r1', 'r2', GRANT, { now: refresh.expiresAt });
    assert.deepEqual(await store.rotateRefresh(late), { state: 'expired' });
    await store.revokeGrant(GRANT, { by: 'maria', at: NOW + 1, reason: 'lost phone' });
    const death = { by: 'maria', at: NOW + 1, reason: 'lost phone', standing: undefined };
    assert.deepEqual(await store.rotateRefresh(sampleRotation('r1', 'r2', GRANT)), { state: 'revoked', death });
    assert.equal(await stateOf(store, 'r2'), 'unknown');
  });

  guarantee('rotates nothing that was granted under a lower generation', async (store) => {
    await saveRefresh(store);
    const raised = standing({ kind: 'subject', id: 'own_A', generation: 5 });
    await store.writeStandings([raised]);
    const rotated = await store.rotateRefresh(sampleRotation('r1', 'r2', GRANT));
    assert.deepEqual(rotated.state === 'revoked' && rotated.death.standing, raised);
    assert.equal(await stateOf(store, 'r1'), 'revoked');
  });
}
