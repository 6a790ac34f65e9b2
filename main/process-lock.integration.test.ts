import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';
import { systemClock } from '#core/clock';
import { makeDataDir } from '#test/support/running-manager';
import { holdLock } from './process-lock.ts';

const wish = { clock: systemClock, problem: 'it is held' };

test('a lock is refused while another process holds it, and free at once when that one is killed', async (t) => {
  const file = path.join(makeDataDir(t), 'a.lock');
  const script = `
    const { holdLock } = await import(${JSON.stringify(path.join(import.meta.dirname, 'process-lock.ts'))});
    const { systemClock } = await import('#core/clock');
    await holdLock(${JSON.stringify(file)}, { clock: systemClock, waitMs: 0, problem: '' });
    globalThis.gc?.();
    console.log('held');
    setInterval(() => {}, 1000);`;
  const args = ['--disable-warning=ExperimentalWarning', '--expose-gc', '--input-type=module', '-e', script];
  const holder = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  await assert.rejects(holdLock(file, { ...wish, waitMs: 100 }), /it is held/);
  const waiting = holdLock(file, { ...wish, waitMs: 5_000 });
  holder.kill('SIGKILL');
  await waiting;
});
