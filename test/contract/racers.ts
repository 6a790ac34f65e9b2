import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { TokenStore } from '#core/token-store';
import { grantedToken, NOW, sampleCode, sampleGrant, sampleRefresh } from './sample-token.ts';

/** What a process of racing-child.ts says of a round. */
interface Raced {
  readonly code: string;
  readonly refresh: string;
  readonly isFirst: boolean;
  readonly isTaken: boolean;
}

/** Three processes with a store each on the same data. */
export interface Racers extends AsyncDisposable {
  /** In each round all of them ask for the same at once: one gets it, and what it got by a code or refresh token is dead. */
  race(store: TokenStore, rounds: number): Promise<void>;
}

/** Starts them. @param place URL of the store, or an SQLite file */
export async function startRacers(place: string): Promise<Racers> {
  const children = ['one', 'two', 'three'].map((name) =>
    fork(path.join(import.meta.dirname, 'racing-child.ts'), [place, name], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    }),
  );
  const ended = children.map((child) => once(child, 'exit'));
  await Promise.all(children.map((child) => once(child, 'message')));
  return {
    async race(store, rounds) {
      for (let round = 0; round < rounds; round += 1) {
        const [codeGrant, refreshGrant] = [sampleGrant(`C${round}`), sampleGrant(`R${round}`)];
        const access = grantedToken(`access ${round}`, refreshGrant.id);
        await Promise.all([
          store.saveIssue({ grant: codeGrant, code: sampleCode(`code ${round}`, codeGrant.id) }),
          store.saveIssue({ grant: refreshGrant, refresh: sampleRefresh(`refresh ${round}`, refreshGrant.id), access }),
          store.saveTransient({ kind: 'par', id: `par ${round}`, value: '{}', expiresAt: NOW + 60_000 }),
        ]);
        const answers = children.map((child) => once(child, 'message'));
        for (const child of children) child.send(round);
        const raced = (await Promise.all(answers)).map(([answer]) => answer as Raced);
        assert.deepEqual(raced.map(({ code }) => code).sort(), ['consumed', 'replayed', 'replayed']);
        assert.deepEqual(raced.map(({ refresh }) => refresh).sort(), ['replayed', 'replayed', 'rotated']);
        assert.equal(raced.filter(({ isFirst }) => isFirst).length, 1);
        assert.equal(raced.filter(({ isTaken }) => isTaken).length, 1);
        const late = grantedToken(`late ${round}`, codeGrant.id);
        await store.saveAccess(late);
        for (const { hash } of [late, access]) assert.equal((await store.findAccess(hash, NOW + 2)).state, 'revoked');
      }
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) if (child.connected) child.send('close');
      await Promise.all(ended);
    },
  };
}
