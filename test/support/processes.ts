import { readdirSync, readFileSync } from 'node:fs';

/** A process, as /proc shows it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every process below `pid`, in no order. */
export function descendantsOf(pid: number): ProcessEntry[] {
  const all = listProcesses();
  const found: ProcessEntry[] = [];
  const wanted = [pid];
  for (let parent = wanted.pop(); parent !== undefined; parent = wanted.pop()) {
    for (const entry of all) {
      if (entry.parent !== parent) continue;
      found.push(entry);
      wanted.push(entry.pid);
    }
  }
  return found;
}

/** What a test may kill. */
export type Victim = 'worker' | 'gateway' | 'manager' | 'supervisor';

/** The process ids of a kind below a supervisor. */
export function findVictims(supervisor: number, kind: Victim): number[] {
  if (kind === 'supervisor') return [supervisor];
  const mark = { worker: 'gateway-worker', gateway: 'gateway-primary', manager: 'manager-process' }[kind];
  return descendantsOf(supervisor)
    .filter((entry) => entry.command.includes(mark))
    .map((entry) => entry.pid);
}

/** True while a process with this id exists and is no zombie. */
export function isAlive(pid: number): boolean {
  return listProcesses().some((entry) => entry.pid === pid);
}

function listProcesses(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (state === 'Z') return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(name), parent: Number(parent), command }];
      } catch {
        return []; // it ended while we looked
      }
    });
}
