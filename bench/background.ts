import { listOthers, listTree, readBusySeconds, readCpuSeconds } from './proc.ts';

/** Background above this makes a measurement worthless: `noisy`, no verdict. */
export const noisyAbovePercent = 25;

/**
 * Begins to watch the CPU that processes outside the bench use; calling what it gives ends that and gives percent of one core.
 * Two readings are taken and the larger counts: what the other processes were charged with, and what the two cores did beyond
 * the bench's own tree (driver, upstream, load generator, contestants), which also sees stolen time and other containers.
 */
export function watchBackground(cores: readonly number[]): () => number {
  const before = snapshot(cores);
  return () => {
    const after = snapshot(cores);
    const beyond = after.busy - before.busy - (after.own - before.own);
    const charged = after.others - before.others;
    return (100 * Math.max(0, beyond, charged)) / (after.at - before.at);
  };
}

function snapshot(cores: readonly number[]) {
  const tree = listTree(process.pid);
  return {
    at: performance.now() / 1000,
    busy: readBusySeconds(cores),
    own: readCpuSeconds(tree, true),
    others: readCpuSeconds(listOthers(tree), true),
  };
}
