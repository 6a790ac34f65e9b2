import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TokenStore } from '#core/token-store';
import { eventually } from '../support/system.ts';
import { standing } from './guarantee.ts';
import {
  grantedToken,
  NOW,
  sampleCode,
  sampleGrant,
  sampleRefresh,
  sampleRotation,
  sampleToken,
} from './sample-token.ts';

/** A hint comes in milliseconds; a busy machine takes longer. */
const LIMIT_MS = 3000;

/** What a store that pushes guarantees. @param open gives a store of one process, each time on the same data */
export function testHints(
  name: string,
  open: () => Promise<TokenStore>,
  /** Cuts the connections that listen, while the engine goes on. */
  cut?: () => Promise<unknown>,
): void {
  test(`${name}: another process hears at once of everything that is added to the feed, and of nothing else`, async () => {
    await using writer = await open();
    await using reader = await open();
    const heard = await listenTo(reader);
    const note = { by: 'priya', at: NOW, reason: undefined };
    const [token, grant, replayed, reused] = [sampleToken('a'), sampleGrant('A'), sampleGrant('B'), sampleGrant('C')];
    await writer.saveIssue({ grant, access: grantedToken('b', grant.id) });
    await writer.saveIssue({ grant: replayed, code: sampleCode('code', replayed.id) });
    await writer.saveIssue({ grant: reused, refresh: sampleRefresh('refresh', reused.id) });
    await writer.saveAccess(token);
    await writer.consumeCode(sampleCode('code', replayed.id).hash, { id: 'first', now: NOW });
    await writer.rotateRefresh(sampleRotation('refresh', 'next', reused.id));
    await sleep(100);
    assert.equal(heard.count(), 0, 'of what is saved and used once');
    await heard.dueTo('a token', () => writer.revokeAccess(token.hash, note));
    await heard.dueTo('a grant', () => writer.revokeGrant(grant.id, note));
    await heard.dueTo('a standing', () => writer.writeStandings([standing({ generation: 3 })]));
    await heard.dueTo('a code given twice', () =>
      writer.consumeCode(sampleCode('code', replayed.id).hash, { id: 'second', now: NOW }),
    );
    await heard.dueTo('a refresh token given twice', () =>
      writer.rotateRefresh(sampleRotation('refresh', 'other', reused.id)),
    );
    await heard.end();
    const before = heard.count();
    await writer.writeStandings([standing({ generation: 4 })]);
    await sleep(100);
    assert.equal(heard.count(), before, 'who no longer listens hears nothing');
  });

  if (cut === undefined) return;
  test(`${name}: who listened hears again after the connection was cut`, async () => {
    await using writer = await open();
    await using reader = await open();
    const heard = await listenTo(reader);
    let generation = 10;
    for (let round = 0; round < 2; round += 1) {
      await cut();
      await sleep(20); // what it is told when the connection is back
      const before = heard.count();
      await eventually(
        'hearing again',
        async () => {
          generation += 1;
          await writer.writeStandings([standing({ generation })]);
          return heard.count() > before || undefined;
        },
        LIMIT_MS,
      );
    }
    await heard.end();
  });
}

async function listenTo(store: TokenStore) {
  let heard = 0;
  const listening = store.listen?.(() => {
    heard += 1;
  });
  assert.ok(listening !== undefined, 'this store pushes');
  await eventually('the store is listened to', () => heard > 0 || undefined, LIMIT_MS);
  heard = 0;
  return {
    count: () => heard,
    async dueTo(what: string, act: () => Promise<unknown>) {
      const before = heard;
      await act();
      await eventually(`a hint of ${what}`, () => heard > before || undefined, LIMIT_MS);
    },
    end: () => listening[Symbol.asyncDispose](),
  };
}
