import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOutput } from '../output.ts';
import { type Status, showStatus } from './status.ts';

const orders = {
  ...{ name: 'orders-api', displayName: 'Orders API', draftChanged: true },
  live: [{ serverGroup: 'local', version: 3 }],
};

function shown(now: Partial<Status>): string {
  let text = '';
  const stdout = { write: (part: string) => (text += part) };
  const out = createOutput({ stdout, stderr: stdout, isTty: false, columns: undefined, json: false, env: {} });
  const empty = { gateways: [], tokenStores: [], attention: [], projects: [], moreProjects: 0, counts: {} };
  showStatus(out, { version: '0.1.0', epoch: 'fee_1', seq: 1, ...empty, ...now });
  return text;
}

test('of few projects each is listed', () => {
  const text = shown({ projects: [orders] });
  assert.match(text, /orders-api.*v3 in local.*changes not deployed/);
  assert.doesNotMatch(text, /projects;/);
});

test('of many projects those are listed that have something to say, and the rest is a number', () => {
  assert.match(shown({ projects: [orders], moreProjects: 9999 }), /10000 projects; listed are 1 of which changes/);
  assert.match(shown({ moreProjects: 10_000 }), /10000 projects; every draft is deployed as it is, or nowhere/);
});

test('each token store is listed with how it does and how much it holds', () => {
  const tokens = { name: 'tokens', kind: 'redis', isDefault: true, state: 'ok', ms: 0.7 } as const;
  const away = { name: 'old', kind: 'postgres', isDefault: false, state: 'away' } as const;
  const text = shown({ tokenStores: [{ ...tokens, records: { access: 3, grants: 2 } }, away] });
  assert.match(text, /tokens\s+redis\s+yes\s+ok, 0\.7 ms\s+5\n/);
  assert.match(text, /old\s+postgres\s+–\s+away\s+–\n/);
});
