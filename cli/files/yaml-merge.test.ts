import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yamlText } from './yaml-merge.ts';

test('a new file has the fields in their order', () => {
  assert.equal(yamlText({ name: 'a', list: ['x'] }, undefined), 'name: a\nlist:\n  - x\n');
});

test('over an earlier text comments, order and way of writing stay', () => {
  const before = `# the shop
displayName: "Old" # shown
name: shop

# who may
scopes:
  - scope: orders:read
    default: false # not yet
  # writing
  - scope: orders:write
    default: true
gone: 1
`;
  const after = yamlText(
    {
      name: 'shop',
      displayName: 'New',
      scopes: [
        { scope: 'orders:write', default: true },
        { scope: 'orders:read', default: true },
      ],
      added: true,
    },
    before,
  );
  assert.equal(
    after,
    `# the shop
displayName: "New" # shown
name: shop

# who may
scopes:
  # writing
  - scope: orders:write
    default: true
  - scope: orders:read
    default: true # not yet
added: true
`,
  );
});

test('a text that says the same stays byte for byte', () => {
  const before = '{ name: a,   list: [1,2] } # odd\n';
  assert.equal(yamlText({ name: 'a', list: [1, 2] }, before), before);
});

test('a text that cannot be read is replaced', () => {
  assert.equal(yamlText({ name: 'a' }, 'a: [1'), 'name: a\n');
});
