import assert from 'node:assert/strict';
import { sha256Hex } from '#core/credential';
import { type Guarantee, note } from './guarantee.ts';
import { grantedToken, NOW, RETENTION_MS, sampleGrant } from './sample-token.ts';

const LATER = NOW + 60_000;
const CONSENT = { subject: 'own_A', clientId: 'cli_A', projectId: 'prj_A' };

/** What end points remember between requests: what is taken once, transient records, consents. */
export function guaranteeRecords(guarantee: Guarantee): void {
  guarantee('remembers once: true for exactly one of many, by kind and id', async (store) => {
    const asked = Array.from({ length: 20 }, () => store.rememberOnce('assertion', 'jti-1', LATER));
    assert.equal((await Promise.all(asked)).filter((isFirst) => isFirst).length, 1);
    assert.equal(await store.rememberOnce('assertion', 'jti-1', LATER + 9), false);
    assert.equal(await store.rememberOnce('dpop', 'jti-1', LATER), true);
    assert.equal(await store.rememberOnce('assertion', `jti-2${'x'.repeat(10_000)}`, LATER), true);
    assert.equal(await store.rememberOnce('nonce', 'jti-1', LATER - 0.5), true, 'a NumericDate may have a fraction');
    await store.purge(LATER, 100);
    assert.equal(await store.rememberOnce('assertion', 'jti-1', LATER), false, 'until then');
  });

  guarantee.ofPurge('forgets what was taken once when its time is over', async (store) => {
    for (const id of ['jti-1', 'jti-2', 'jti-3']) await store.rememberOnce('assertion', id, LATER);
    assert.equal(await store.purge(LATER + 1, 2), 2);
    assert.equal(await store.purge(LATER + 1, 2), 1);
    assert.equal(await store.rememberOnce('assertion', 'jti-1', LATER + 60_000), true, 'and then no longer');
  });

  guarantee('finds a transient record by kind and id until it expires', async (store) => {
    const value = JSON.stringify({ quote: '"\u00e9\n' });
    await store.saveTransient({ kind: 'par', id: 'one', value, expiresAt: LATER });
    const found = await store.findTransient('par', 'one', LATER - 1);
    assert.deepEqual([found?.value, found?.expiresAt], [value, LATER]);
    assert.equal(await store.findTransient('par', 'one', LATER), undefined);
    assert.equal(await store.findTransient('session', 'one', NOW), undefined);
    assert.equal(await store.takeTransient('par', 'one', LATER), undefined, 'expired');
    await store.saveTransient({ kind: 'par', id: 'one', value: '2', expiresAt: LATER });
    assert.equal((await store.findTransient('par', 'one', NOW))?.value, '2', 'an older one is replaced');
    assert.equal((await store.sizes()).transients, 1);
  });

  guarantee.ofPurge('removes a transient record that has expired', async (store) => {
    await store.saveTransient({ kind: 'par', id: 'one', value: '1', expiresAt: LATER });
    assert.equal(await store.purge(LATER, 10), 0);
    assert.equal(await store.purge(LATER + 1, 10), 1);
    assert.equal((await store.sizes()).transients, 0);
  });

  guarantee('gives a transient record that is taken to exactly one of many', async (store) => {
    await store.saveTransient({ kind: 'device', id: 'd', value: '{}', expiresAt: LATER });
    const asked = Array.from({ length: 20 }, () => store.takeTransient('device', 'd', NOW));
    assert.deepEqual(
      (await Promise.all(asked)).filter((taken) => taken !== undefined),
      ['{}'],
    );
    assert.equal(await store.findTransient('device', 'd', NOW), undefined);
  });

  guarantee('replaces a transient record only when it is the version that was seen', async (store) => {
    const record = { kind: 'device', id: 'd', value: '0', expiresAt: LATER } as const;
    await store.saveTransient(record);
    const { version = -1 } = (await store.findTransient('device', 'd', NOW)) ?? {};
    const tries = Array.from({ length: 20 }, (_, n) =>
      store.replaceTransient({ ...record, value: `${n + 1}`, version }),
    );
    assert.equal((await Promise.all(tries)).filter((isDone) => isDone).length, 1);
    const second = await store.findTransient('device', 'd', NOW);
    assert.ok(second !== undefined && second.value !== '0' && second.version !== version);
    await store.takeTransient('device', 'd', NOW);
    assert.equal(await store.replaceTransient({ ...record, version: second.version }), false, 'it is gone');
    await store.saveTransient(record);
    const third = await store.findTransient('device', 'd', NOW);
    for (const old of [version, second.version]) {
      assert.notEqual(third?.version, old, 'a version is never given twice');
      assert.equal(await store.replaceTransient({ ...record, version: old }), false);
    }
  });

  guarantee('keeps transient records of 16 KiB and refuses larger ones', async (store) => {
    const record = { kind: 'session', id: 's', expiresAt: LATER } as const;
    await store.saveTransient({ ...record, value: 'x'.repeat(16_384) });
    await assert.rejects(store.saveTransient({ ...record, value: 'é'.repeat(8193) }), RangeError);
    await assert.rejects(store.replaceTransient({ ...record, value: 'x'.repeat(16_385), version: 1 }), RangeError);
  });

  guarantee('keeps one consent for each subject, client and project', async (store) => {
    const first = { ...CONSENT, scopes: ['orders:read'], grantedAt: NOW, updatedAt: NOW };
    const newer = { ...first, scopes: [], updatedAt: NOW + 5 };
    const others = [
      { ...first, clientId: 'cli_B', updatedAt: NOW + 3 },
      { ...first, projectId: 'prj_B', updatedAt: NOW + 9 },
    ];
    for (const consent of [first, newer, ...others]) await store.saveConsent(consent);
    await store.saveConsent({ ...first, subject: 'own_B' });
    assert.deepEqual(await store.findConsent(CONSENT), newer);
    assert.equal(await store.findConsent({ ...CONSENT, subject: 'own_C' }), undefined);
    assert.deepEqual(await store.listConsents('own_A', 10), [others[1], newer, others[0]], 'newest first');
    assert.deepEqual(await store.listConsents('own_A', 1), [others[1]]);
    assert.equal((await store.sizes()).consents, 4);
    await store.purge(NOW + 1000 * RETENTION_MS, 10);
    assert.equal((await store.sizes()).consents, 4, 'until it is revoked');
  });

  guarantee('forgets a consent together with the grants that it stood for', async (store) => {
    await store.saveConsent({ ...CONSENT, scopes: [], grantedAt: NOW, updatedAt: NOW });
    await store.saveIssue({ grant: sampleGrant('A'), access: grantedToken('A', 'gra_A') });
    const elsewhere = sampleGrant('B', { projectId: 'prj_B' });
    await store.saveIssue({ grant: elsewhere, access: grantedToken('B', 'gra_B') });
    assert.equal(await store.revokeConsent(CONSENT, note('maria')), true);
    assert.equal(await store.findConsent(CONSENT), undefined);
    assert.equal((await store.findAccess(sha256Hex('A'), NOW + 9)).state, 'revoked');
    assert.equal((await store.findAccess(sha256Hex('B'), NOW + 9)).state, 'live', 'allowed at another project');
    assert.equal(await store.revokeConsent(CONSENT, note('maria')), false);
    assert.equal(await store.revokeConsent({ ...CONSENT, projectId: 'prj_B' }, note('maria')), true, 'a grant alone');
  });
}
