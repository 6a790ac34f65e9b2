import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { HandClock } from '#core/clock';
import { sha256Hex } from '#core/credential';
import { type CopiedRow, MOVED, type TokenStore } from '#core/token-store';
import { beginOfMove, movePage } from '#stores/moving/move-page';
import { createSeveralTokenStores } from '#stores/several/token-stores';
import { note } from './guarantee.ts';
import {
  grantedToken,
  NOW,
  sampleCode,
  sampleGrant,
  sampleRefresh,
  sampleRotation,
  sampleToken,
} from './sample-token.ts';

const LATER = NOW + 2000;
const RACES = 8;

async function saveFamily(store: TokenStore, name: string): Promise<string> {
  const grant = sampleGrant(name);
  await store.saveIssue({
    ...{ grant, code: sampleCode(`code ${name}`, grant.id), refresh: sampleRefresh(`refresh ${name}`, grant.id) },
    access: grantedToken(`access ${name}`, grant.id),
  });
  return grant.id;
}

const movedCode = (name: string): CopiedRow => ({
  ...{ kind: 'code', code: sampleCode(`code ${name}`, `gra_${name}`), consumed: MOVED },
});
const movedRefresh = (name: string): CopiedRow => ({
  ...{ kind: 'refresh', token: sampleRefresh(`refresh ${name}`, `gra_${name}`), used: { by: MOVED, at: NOW } },
});

/** What moving from one store of a kind to another guarantees. `open` gives a fresh, empty store. */
export function testMoving(name: string, open: () => Promise<TokenStore>): void {
  test(`${name}: a code or refresh token that was moved is unknown there, and no replay`, async () => {
    await using store = await open();
    await saveFamily(store, 'gone');
    await store.copyIn([movedCode('gone'), movedRefresh('gone')]);
    const elsewhere = { state: 'unknown', isMoved: true };
    const attempt = { id: 'attempt', now: NOW + 1 };
    assert.deepEqual(await store.consumeCode(sha256Hex('code gone'), attempt), elsewhere);
    assert.deepEqual(await store.findRefresh(sha256Hex('refresh gone'), LATER), elsewhere);
    for (const graceMs of [0, 60_000]) {
      const rotation = sampleRotation('refresh gone', `next ${graceMs}`, 'gra_gone', { graceMs });
      assert.deepEqual(await store.rotateRefresh(rotation), elsewhere);
    }
    assert.equal((await store.findAccess(sha256Hex('access gone'), LATER)).state, 'live', 'its grant lives');
  });

  test(`${name}: of a move and an attempt at the same time one takes it`, async (t) => {
    await using store = await open();
    const counts = { attempts: 0, moves: 0 };
    for (let i = 0; i < RACES; i += 1) {
      const id = await saveFamily(store, `race-${i}`);
      const move = () => store.copyIn([movedCode(`race-${i}`), movedRefresh(`race-${i}`)]);
      const first = i % 2 === 0 ? move() : undefined;
      const [consumed, rotated] = await Promise.all([
        store.consumeCode(sha256Hex(`code race-${i}`), { id: 'attempt', now: NOW + 1 }),
        store.rotateRefresh(sampleRotation(`refresh race-${i}`, `next ${i}`, id)),
        first ?? move(),
      ]);
      const rows = (await rowsOf(store)).filter((row) => 'code' in row || row.kind === 'refresh');
      const code = rows.find((row) => row.kind === 'code' && row.code.grantId === id);
      const refresh = rows.find((row) => row.kind === 'refresh' && row.token.hash === sha256Hex(`refresh race-${i}`));
      assert.ok(code?.kind === 'code' && refresh?.kind === 'refresh');
      assert.equal(code.consumed, consumed.state === 'consumed' ? 'attempt' : MOVED);
      assert.equal(refresh.used?.by, rotated.state === 'rotated' ? `attempt of next ${i}` : MOVED);
      for (const { state } of [consumed, rotated]) counts[state === 'unknown' ? 'moves' : 'attempts'] += 1;
    }
    assert.equal(counts.attempts + counts.moves, 2 * RACES);
    t.diagnostic(`taken by an attempt ${counts.attempts}, by the move ${counts.moves}`);
  });

  test(`${name}: a move while two gateways go on: nothing is lost, taken twice or brought back`, async (t) => {
    const [from, to] = [await open(), await open()];
    const clock = new HandClock(LATER);
    const [a, b] = [createSeveralTokenStores(clock), createSeveralTokenStores(clock)];
    const use = (isMoving: boolean) => {
      for (const gateway of [a, b])
        gateway.use([
          { name: 'from', store: from, isDefault: !isMoving, ...(isMoving && { movesTo: 'to', defaultUntil: NOW }) },
          { name: 'to', store: to, isDefault: isMoving },
        ]);
    };
    use(false);
    const made = { live: [] as string[], revoked: [] as string[], killed: [] as string[], last: [] as string[] };
    for (let i = 0; i < 20; i += 1) await saveFamily(a, `old-${i}`);
    for (let i = 0; i < 20; i += 1) await a.saveAccess(sampleToken(`old-alone-${i}`));
    use(true);

    let isOver = false;
    let rounds = 0;
    let winners = 0;
    const work = async () => {
      for (let i = 0; !isOver || i < 40; i += 1) {
        rounds = i;
        await setImmediate();
        const isOld = i < 40 && i % 2 === 0;
        const [name, alone] = isOld ? [`old-${i / 2}`, `old-alone-${i / 2}`] : [`new-${i}`, `new-alone-${i}`];
        const id = isOld ? `gra_${name}` : await saveFamily(b, name);
        if (!isOld) await b.saveAccess(sampleToken(alone));
        const consumed = await Promise.all(
          [a, b].map((store, n) => store.consumeCode(sha256Hex(`code ${name}`), { id: `attempt ${n}`, now: LATER })),
        );
        winners += consumed.filter(({ state }) => state === 'consumed').length;
        assert.ok(
          consumed.filter(({ state }) => state === 'consumed').length <= 1,
          `${name} ${JSON.stringify(consumed)}`,
        );
        assert.ok(
          consumed.some(({ state }) => state === 'replayed' || state === 'revoked'),
          `${name} was a replay`,
        );
        made.killed.push(`access ${name}`); // two presented its code
        const other = isOld ? undefined : await saveFamily(a, `more-${i}`);
        if (other !== undefined) {
          for (let turn = 0; turn < 2; turn += 1) {
            const [by, next] = [turn === 0 ? `refresh more-${i}` : `more-${i}-1`, `more-${i}-${turn + 1}`];
            assert.equal((await (turn ? a : b).rotateRefresh(sampleRotation(by, next, other))).state, 'rotated');
          }
          made.last.push(`more-${i}`);
        }
        if (i % 3 === 0) {
          assert.equal(await a.revokeAccess(sha256Hex(alone), note('priya')), true);
          made.revoked.push(alone);
        } else made.live.push(alone);
        assert.ok(id);
      }
    };
    const working = work();
    let place = beginOfMove(clock.now());
    let pages = 0;
    for (; place.phase !== 'done' && pages < 3000; pages += 1) {
      // A page that is moved again, as after a crash, changes nothing.
      if (pages % 3 === 0) await movePage({ from, to }, place, clock, 7);
      place = await movePage({ from, to }, place, clock, 7);
      clock.advance(10);
      if (place.phase === 'settling') clock.advance(6000);
      await sleep(2);
      if (pages > 60 && rounds > 20) isOver = true;
    }
    isOver = true;
    await working;
    assert.equal(place.phase, 'done', JSON.stringify(place));
    const states = async (store: TokenStore, names: readonly string[]) => {
      const found: string[] = [];
      for (const one of names) found.push((await store.findAccess(sha256Hex(one), LATER)).state);
      return [...new Set(found)];
    };
    for (const store of [to, a, b]) {
      assert.deepEqual(await states(store, made.live), ['live']);
      assert.deepEqual(await states(store, made.revoked), ['revoked']);
      assert.deepEqual(await states(store, made.killed), ['revoked']);
    }
    for (const one of made.last) {
      const rotation = (next: string) => sampleRotation(`${one}-2`, `${one}-${next}`, `gra_${one}`, { now: LATER });
      const rotated = await Promise.all([a.rotateRefresh(rotation('3')), to.rotateRefresh(rotation('4'))]);
      assert.deepEqual(rotated.map(({ state }) => state === 'rotated').sort(), [false, true], JSON.stringify(rotated));
    }
    t.diagnostic(
      `${pages} pages, ${place.moved} rows moved; codes presented twice ${made.killed.length}, won ${winners}, rotated twice ${made.last.length}, revoked ${made.revoked.length}`,
    );
    await from[Symbol.asyncDispose]();
    await to[Symbol.asyncDispose]();
  });
}

async function rowsOf(store: TokenStore): Promise<CopiedRow[]> {
  const rows: CopiedRow[] = [];
  for (const kind of ['code', 'refresh'] as const)
    for (let after: string | undefined, more = true; more; ) {
      const page = await store.copyOut(kind, after, 100);
      rows.push(...page.rows);
      after = page.next;
      more = after !== undefined;
    }
  return rows;
}
