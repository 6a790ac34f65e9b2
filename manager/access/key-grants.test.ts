import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GROUP_ROLES, grantsAllow, NOUNS, type Permission, ROLES, type RoleGrant } from '#core/model/role';
import { grantsBeyond, sharedGrants } from './key-grants.ts';

const grant = fc.oneof(
  fc.record({ role: fc.constantFrom(...ROLES) }),
  fc.record({ role: fc.constantFrom(...GROUP_ROLES), serverGroup: fc.constantFrom('local', 'production') }),
);
const grants = fc.array(grant, { minLength: 1, maxLength: 4 });
const permissions = NOUNS.flatMap((noun): Permission[] => [`${noun}:read`, `${noun}:write`]);

test('a key never has what its roles or its owner do not have, on any server group', () => {
  fc.assert(
    fc.property(grants, grants, (ofKey, ofOwner) => {
      const shared = sharedGrants(ofKey, ofOwner);
      for (const permission of permissions)
        for (const group of ['local', 'production', 'another', undefined])
          if (grantsAllow(shared, permission, group)) {
            assert.ok(grantsAllow(ofKey, permission, group));
            assert.ok(grantsAllow(ofOwner, permission, group));
          }
    }),
  );
});

test('whatever somebody has, a key of theirs may have', () => {
  fc.assert(fc.property(grants, (own) => assert.deepEqual(grantsBeyond(own, own), [])));
  const own: RoleGrant[] = [{ role: 'releaser', serverGroup: 'local' }];
  assert.deepEqual(grantsBeyond([{ role: 'releaser' }], own), [{ role: 'releaser' }]);
  assert.deepEqual(grantsBeyond([{ role: 'viewer' }, ...own], [{ role: 'releaser' }]), []);
});
