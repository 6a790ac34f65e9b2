import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contestant, Running, StartContext } from './contestant.ts';
import { listTree, type Memory, readMemory } from './proc.ts';

/** A contestant that runs, with the memory it had before any load. */
export interface Kept {
  readonly running: Running;
  readonly idle: Memory;
  readonly workerIdle: Memory | undefined;
}

/** The contestants that run: each is started when its first work comes and kept until the end. */
export interface Field {
  /** @throws what its start threw, again for every work. */
  get(name: string): Promise<Kept>;
}

/** Memory of a contestant's whole tree, and of one worker, the largest. */
export function readContestantMemory(running: Running): { readonly all: Memory; readonly worker: Memory | undefined } {
  const workers = running.workerPids?.().map((pid) => readMemory([pid])) ?? [];
  return { all: readMemory(listTree(running.pid)), worker: workers.sort((a, b) => b.rssMiB - a.rssMiB)[0] };
}

/** Makes a field; what it starts is closed by `stack`. */
export function createField(
  contestants: readonly Contestant[],
  context: Omit<StartContext, 'dir'> & { readonly dir: string },
  stack: AsyncDisposableStack,
): Field {
  const kept = new Map<string, Promise<Kept>>();
  const open = async (name: string): Promise<Kept> => {
    const contestant = contestants.find((each) => each.name === name);
    if (contestant === undefined) throw new Error(`no contestant ${name}`);
    const running = await contestant.open({ ...context, dir: join(context.dir, name) });
    stack.defer(() => running.close());
    await sleep(500);
    const { all, worker } = readContestantMemory(running);
    return { running, idle: all, workerIdle: worker };
  };
  return {
    get(name) {
      const known = kept.get(name) ?? open(name);
      kept.set(name, known);
      return known;
    },
  };
}
