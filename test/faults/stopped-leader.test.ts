/** A leading manager that is stopped and wakes up when another one leads: what it goes on with is refused by the term. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { noLogger } from '#core/logger';
import { openDatabase } from '#manager/database';
import { LEASE_MS, openLease } from '#manager/lease';
import { startPostgres } from '../support/postgres.ts';
import { eventually } from '../support/system.ts';

const rounds = Number(process.env.GATEWRIGHT_FAULT_ROUNDS ?? 1);
const CHILD = path.join(import.meta.dirname, '../support/leading-child.ts');
/** A lease is looked at every 2 s; the rest is for a busy machine. */
const TAKEN_OVER_MS = LEASE_MS + 2000 + 6000;
/** PostgreSQL ends a transaction that does nothing after 15 s; until then nobody else can change anything. */
const IDLE_MS = 15_000;

/** Where the leader is when it is stopped, and how long its changes take. */
const places = [
  { where: 'between two changes', insideMs: 0, stopAfter: 'done', withinMs: TAKEN_OVER_MS },
  { where: 'in the middle of a change', insideMs: 300, stopAfter: 'begun', withinMs: TAKEN_OVER_MS + IDLE_MS },
] as const;

for (const { where, insideMs, stopAfter, withinMs } of places) {
  const what = `a leader is stopped ${where} and wakes up: another one leads, and every change of the one that woke up is refused`;
  test(what, { timeout: 60_000 * (rounds + 1) }, async (t) => {
    const stack = new AsyncDisposableStack();
    t.after(() => stack.disposeAsync());
    const postgres = stack.use(await startPostgres());
    const db = stack.use(await openDatabase(postgres.url));
    const child = spawn(process.execPath, [CHILD, postgres.url, `${insideMs}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    stack.defer(() => void child.kill('SIGKILL'));
    const outcomes: string[] = [];
    let onLine = (_line: string) => {};
    createInterface({ input: child.stdout }).on('line', (line) => {
      outcomes.push(line);
      onLine(line);
    });
    const times = (outcome: string) => outcomes.filter((one) => one === outcome).length;
    const rows = async () => {
      const [row] = await postgres.query(
        "select count(*)::int as begun, count(*) filter (where name not like '% begun')::int as whole from settings where name like 'child %'",
      );
      return row as { begun: number; whole: number };
    };
    let late = 0;
    const takeovers: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const led = times('done');
      await eventually('it leads', () => times('done') > led + 2 || undefined, TAKEN_OVER_MS);
      await using other = await openLease({ db, logger: noLogger });
      assert.equal(other.isHeld, false);
      await new Promise<void>((resolve) => {
        onLine = (line) => {
          if (line !== stopAfter) return;
          onLine = () => {};
          child.kill('SIGSTOP');
          resolve();
        };
      });
      const begun = performance.now();
      await eventually('the other leads', () => other.isHeld || undefined, withinMs);
      takeovers.push(Math.round(performance.now() - begun));
      await other.leading.transaction((tx) =>
        tx
          .insertInto('settings')
          .values({ name: `other ${round}`, value: 'x' })
          .execute(),
      );
      const before = await rows();
      assert.equal(before.begun, 2 * before.whole, 'no change is half there');
      const refused = times('NotLeading');
      child.kill('SIGCONT');
      await eventually('it is refused', () => times('NotLeading') > refused + 4 || undefined);
      const after = await rows();
      late += after.begun - before.begun;
    }
    const { whole } = await rows();
    const lost = Math.max(0, times('done') - whole);
    t.diagnostic(
      `${rounds} rounds: ${times('done')} changes acknowledged, lost ${lost}; ${times('NotLeading')} refused by the term, changed after the other led ${late}; ms until the other led: ${takeovers.join(', ')}`,
    );
    assert.deepEqual({ lost, late }, { lost: 0, late: 0 });
  });
}
