import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in ticks of 10 ms for every architecture that Node runs on. */
const ticksPerSecond = 100;

/** The parent of the kernel's threads. */
const kernelPid = 2;

/** The pids of a process and of everything below it. */
export function listTree(rootPid: number): readonly number[] {
  const childrenOf = new Map<number, number[]>();
  for (const pid of listPids()) {
    const parent = Number(readStat(pid)?.[1]);
    const siblings = childrenOf.get(parent);
    if (siblings === undefined) childrenOf.set(parent, [pid]);
    else siblings.push(pid);
  }
  const tree = [rootPid];
  for (const pid of tree) tree.push(...(childrenOf.get(pid) ?? []));
  return tree;
}

/**
 * User and system seconds that these processes have used. With `andReaped` also those of their ended
 * children, so that the difference over a whole tree misses no process that came and went.
 */
export function readCpuSeconds(pids: readonly number[], andReaped: boolean): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = readStat(pid);
    if (stat === undefined) continue;
    ticks += Number(stat[11]) + Number(stat[12]);
    if (andReaped) ticks += Number(stat[13]) + Number(stat[14]);
  }
  return ticks / ticksPerSecond;
}

/** User and system seconds of a process tree. */
export function readTreeCpuSeconds(rootPid: number): number {
  return readCpuSeconds(listTree(rootPid), true);
}

/**
 * Seconds that these cores were not idle, stolen time included. Interrupt time is left out: some kernels charge it to the
 * process that it interrupted as well, others to none, and on loopback nearly all of it is the load's own packets.
 */
export function readBusySeconds(cores: readonly number[]): number {
  let ticks = 0;
  for (const line of readFileSync('/proc/stat', 'latin1').split('\n')) {
    const [name, user, nice, system, , , , , steal] = line.trim().split(/\s+/);
    if (!cores.some((core) => name === `cpu${core}`)) continue;
    ticks += Number(user) + Number(nice) + Number(system) + Number(steal);
  }
  return ticks / ticksPerSecond;
}

/** The pids of all processes but those of `tree` and the kernel's threads. */
export function listOthers(tree: readonly number[]): readonly number[] {
  const own = new Set(tree);
  return listPids().filter((pid) => !own.has(pid) && pid !== kernelPid && Number(readStat(pid)?.[1]) !== kernelPid);
}

/** Memory in MiB: `rss` as the operating system shows it, `pss` with shared pages divided among their users. */
export interface Memory {
  readonly rssMiB: number;
  readonly pssMiB: number;
}

/** Memory of these processes together. */
export function readMemory(pids: readonly number[]): Memory {
  let rssMiB = 0;
  let pssMiB = 0;
  for (const pid of pids) {
    const text = readText(`/proc/${pid}/smaps_rollup`);
    rssMiB += Number(/^Rss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024;
    pssMiB += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024;
  }
  return { rssMiB, pssMiB };
}

/** Those of a tree's processes whose command line contains `text`. */
export function findByCommand(rootPid: number, text: string): readonly number[] {
  return listTree(rootPid).filter((pid) => readText(`/proc/${pid}/cmdline`).includes(text));
}

/** The cores that this process may run on, lowest first. */
export function listCores(): readonly number[] {
  const list = /^Cpus_allowed_list:\s+(\S+)/m.exec(readText('/proc/self/status'))?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    if (first === undefined || last === undefined || Number.isNaN(first)) return [];
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

function listPids(): readonly number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** The fields of `/proc/<pid>/stat` after the command's name: [1] parent, [11…14] CPU ticks. */
function readStat(pid: number): readonly string[] | undefined {
  const text = readText(`/proc/${pid}/stat`);
  if (text === '') return undefined;
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
