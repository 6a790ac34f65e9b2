import assert from 'node:assert/strict';
import { sha256Hex } from '#core/credential';
import { type Guarantee, note } from './guarantee.ts';
import {
  grantedToken,
  LIFE_MS,
  NOW,
  RETENTION_MS,
  sampleCode,
  sampleGrant,
  sampleRefresh,
  sampleRotation,
  sampleToken,
} from './sample-token.ts';

/** Grants: the root of codes, refresh tokens and access tokens, which die with it. */
export function guaranteeGrants(guarantee: Guarantee): void {
  guarantee('changes only the details of a grant that is saved again, and brings none back', async (store) => {
    const grant = sampleGrant('A');
    const refresh = sampleRefresh('r', grant.id);
    await store.saveIssue({ grant, refresh });
    const changed = { ...grant, details: { ...grant.details, certificate: 'thumbprint' } };
    await store.saveIssue({ grant: { ...changed, clientId: 'cli_other', scopes: [] } });
    assert.deepEqual(await store.findGrant(grant.id), changed);
    assert.equal((await store.findRefresh(refresh.hash, NOW)).state, 'live');
    await store.revokeGrant(grant.id, note('maria'));
    await store.saveIssue({ grant });
    assert.equal((await store.findRefresh(refresh.hash, NOW + 1)).state, 'revoked');
  });

  guarantee('keeps the note of the first revocation of a grant', async (store) => {
    const grant = sampleGrant('A');
    const access = grantedToken('a', grant.id);
    await store.saveIssue({ grant, access });
    const { cursor } = await store.changesSince(undefined, 10);
    assert.equal(await store.revokeGrant(grant.id, { by: 'maria', at: NOW + 1, reason: 'lost' }), true);
    assert.equal(await store.revokeGrant(grant.id, note('someone')), true);
    assert.equal(await store.revokeGrant('gra_none', note('maria')), false);
    const found = await store.findAccess(access.hash, NOW + 9);
    assert.deepEqual(found.state === 'revoked' && [found.by, found.at, found.reason, found.byGrant], [
      ...['maria', NOW + 1, 'lost', true],
    ]);
    assert.deepEqual(await store.findGrant(grant.id), grant, 'dead ones are found too');
    assert.equal(await store.findGrant('gra_none'), undefined);
    assert.deepEqual((await store.changesSince(cursor, 10)).changes, [{ kind: 'grant', id: grant.id }]);
  });

  guarantee('calls a token whose grant died after its expiry expired', async (store) => {
    const grant = sampleGrant('A');
    const access = grantedToken('a', grant.id);
    await store.saveIssue({ grant, access });
    await store.revokeGrant(grant.id, note('maria', NOW + LIFE_MS));
    assert.equal((await store.findAccess(access.hash, NOW + LIFE_MS)).state, 'expired');
  });

  guarantee('calls no token live whose grant is not there', async (store) => {
    const access = grantedToken('a', 'gra_none');
    await store.saveAccess(access);
    assert.equal((await store.findAccess(access.hash, NOW)).state, 'revoked');
  });

  guarantee('kills the grants of a resource owner, to one client or to all', async (store) => {
    const names = ['A1', 'A2', 'B', 'other', 'client'] as const;
    const grants = {
      A1: sampleGrant('A1'),
      A2: sampleGrant('A2', { projectId: 'prj_B' }),
      B: sampleGrant('B', { clientId: 'cli_B' }),
      other: sampleGrant('other', { subject: 'own_B' }),
      client: sampleGrant('client', { subject: undefined }),
    };
    for (const name of names) await store.saveIssue({ grant: grants[name], access: grantedToken(name, `gra_${name}`) });
    const living = async () => {
      const found = await Promise.all(names.map((name) => store.findAccess(sha256Hex(name), NOW + 9)));
      return names.filter((_, i) => found[i]?.state === 'live');
    };
    assert.equal(await store.revokeGrantsOf({ subject: 'own_A', clientId: 'cli_A' }, note('maria')), 2);
    assert.deepEqual(await living(), ['B', 'other', 'client']);
    const { cursor } = await store.changesSince(undefined, 10);
    assert.equal(await store.revokeGrantsOf({ subject: 'own_A' }, note('maria')), 1);
    assert.equal(await store.revokeGrantsOf({ subject: 'own_A' }, note('maria')), 0);
    assert.deepEqual(await living(), ['other', 'client']);
    assert.deepEqual((await store.changesSince(cursor, 10)).changes, [{ kind: 'grant', id: 'gra_B' }]);
  });

  guarantee('counts the access tokens of grants as live tokens of their client', async (store) => {
    const grant = sampleGrant('A');
    await store.saveIssue({ grant, refresh: sampleRefresh('r1', grant.id), access: grantedToken('a', grant.id) });
    await store.rotateRefresh(sampleRotation('r1', 'r2', grant.id));
    assert.equal(await store.countLive('cli_A', NOW + 2000), 2);
  });

  guarantee.ofPurge('keeps a grant until nothing of it is left, and removes all of it in batches', async (store) => {
    for (const n of [1, 2, 3]) {
      const grant = sampleGrant(`${n}`);
      const [code, refresh] = [sampleCode(`c${n}`, grant.id), sampleRefresh(`r${n}`, grant.id)];
      await store.saveIssue({ grant, code, refresh, access: grantedToken(`a${n}`, grant.id) });
    }
    const kept = sampleGrant('kept');
    await store.saveIssue({ grant: kept, code: sampleCode('kept', kept.id) });
    await store.saveAccess(grantedToken('kept', kept.id, { expiresAt: NOW + 20 * LIFE_MS }));
    await store.saveAccess(sampleToken('alone'));
    const counts = async () => {
      const { access, refresh, codes, grants } = await store.sizes();
      return { access, refresh, codes, grants };
    };
    const drain = async (now: number) => {
      let sum = 0;
      for (let n = 2; n === 2; sum += n) {
        n = await store.purge(now, 2);
        assert.ok(n <= 2, 'a batch is bounded');
      }
      return sum;
    };
    assert.deepEqual(await counts(), { access: 5, refresh: 3, codes: 4, grants: 4 });
    assert.equal(await drain(NOW + 60_000 + RETENTION_MS), 0, 'not before the retention is over');
    assert.equal(await drain(NOW + LIFE_MS + RETENTION_MS + 1), 8);
    assert.deepEqual(await counts(), { access: 1, refresh: 3, codes: 0, grants: 4 });
    assert.equal((await store.findRefresh(sha256Hex('r1'), NOW)).state, 'live', 'its grant is still there');
    assert.equal(await drain(NOW + 10 * LIFE_MS + RETENTION_MS + 1), 6);
    assert.deepEqual(await counts(), { access: 1, refresh: 0, codes: 0, grants: 1 });
    assert.deepEqual(await store.findGrant(kept.id), kept);
    assert.equal(await drain(NOW + 20 * LIFE_MS + RETENTION_MS + 1), 2);
    assert.deepEqual(await counts(), { access: 0, refresh: 0, codes: 0, grants: 0 });
  });
}
