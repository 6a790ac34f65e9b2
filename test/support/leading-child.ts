// A manager's lease in a process that can be stopped, for test/faults/stopped-leader.test.ts: `node leading-child.ts URL INSIDE_MS`. Makes one change
// after the other as leader, each taking INSIDE_MS between its two statements, and prints a line for each when it begins and what became of it.

import { noLogger } from '#core/logger';
import { openDatabase } from '#manager/database';
import { openLease } from '#manager/lease';

const [url = '', insideMs = '0'] = process.argv.slice(2);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
await using db = await openDatabase(url);
await using lease = await openLease({ db, logger: noLogger });

for (let n = 0; ; n += 1) {
  const outcome = await lease.leading
    .transaction(async (tx) => {
      await tx
        .insertInto('settings')
        .values({ name: `child ${n} begun`, value: 'x' })
        .execute();
      process.stdout.write('begun\n');
      await sleep(Number(insideMs));
      await tx
        .insertInto('settings')
        .values({ name: `child ${n}`, value: 'x' })
        .execute();
    })
    .then(
      () => 'done',
      (error: unknown) => (error instanceof Error ? error.name : String(error)),
    );
  process.stdout.write(`${outcome}\n`);
  await sleep(50);
}
