import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '#core/clock';
import { UnavailableError } from '#core/errors';
import { javaArguments, type NodeSettings, writeNodeFiles } from './node-files.ts';

const READY_TIMEOUT_MS = 120_000;
const TRY_EVERY_MS = 50;
/** It flushes what is in memory; what is not flushed is in the commit log. */
const STOP_TIMEOUT_MS = 10_000;

/**
 * Runs its arguments as a child and writes down its number. Who started this shell talks to it by descriptor 3: a line ends the child in peace, and
 * when the system closes it, because that process ended in whatever way, the child is killed. So no Java machine is left behind.
 */
const GUARD = `file=$1; shift
"$@" </dev/null 3<&- &
child=$!
echo $child > "$file"
( while read -r _; do kill -TERM $child; done; kill -KILL $child ) <&3 >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait $child; code=$?
kill -KILL $watcher
exit $code`;

/** A Java machine with Cassandra. It ends when this process does. */
export interface NodeProcess {
  readonly pid: number;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  /** Ends it in peace, or by force after 10 s. */
  stop(): Promise<void>;
}

/** Where the number of the Java process of a node stands. */
const pidFile = (folder: string) => path.join(folder, 'pid');

/**
 * Starts a node and waits until it takes connections.
 * @param program what runs the arguments: Java, or something that runs Java
 * @throws UnavailableError when it ends, or is not ready after two minutes; its log (`system.log` in its folder) says why
 */
export async function startNode(
  settings: NodeSettings,
  {
    program,
    jars,
    clock,
  }: { readonly program: readonly string[]; readonly jars: readonly string[]; readonly clock: Clock },
): Promise<NodeProcess> {
  writeNodeFiles(settings);
  rmSync(pidFile(settings.folder), { force: true });
  const log = openSync(path.join(settings.folder, 'system.log'), 'a', 0o600);
  const command = [...program, ...javaArguments(settings, jars)];
  const shell = spawn('/bin/sh', ['-c', GUARD, 'sh', pidFile(settings.folder), ...command], {
    stdio: ['ignore', log, log, 'pipe'],
    cwd: settings.folder,
    detached: true, // a Ctrl-C in the terminal is for us: we end it
  });
  closeSync(log);
  const node = nodeOf(shell, settings);
  const deadline = clock.monotonic() + READY_TIMEOUT_MS;
  let isEnded = false;
  void node.ended.then(() => {
    isEnded = true;
  });
  while (!(await isOpen(settings.host, settings.cqlPort))) {
    if (isEnded || clock.monotonic() > deadline) {
      await node.stop();
      throw new UnavailableError(`Cassandra does not start: see ${path.join(settings.folder, 'system.log')}`);
    }
    await sleep(TRY_EVERY_MS);
  }
  return node;
}

function nodeOf(shell: ChildProcess, { folder }: NodeSettings): NodeProcess {
  const line = shell.stdio[3] as Writable;
  line.on('error', () => undefined); // it has ended already
  const ended = new Promise<void>((resolve) => {
    shell.once('error', () => resolve());
    shell.once('exit', () => {
      line.destroy(); // should only the shell have been killed
      resolve();
    });
  });
  return {
    get pid() {
      return Number(readFileSync(pidFile(folder), 'utf8'));
    },
    ended,
    async stop() {
      line.write('end\n');
      const force = setTimeout(() => line.destroy(), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(force);
    },
  };
}

/** Whether something listens there. */
export function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
