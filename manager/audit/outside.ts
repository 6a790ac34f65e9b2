import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Egress } from '#core/egress';
import type { Logger } from '#core/logger';
import { type AuditCheckpoint, type AuditOutside, auditCheckpoint } from '#core/model/audit-checkpoint';
import type { AuditOptions } from '../context.ts';
import type { ManagerDatabase } from '../database.ts';
import { readSetting, writeSetting } from '../setting.ts';
import { listCheckpoints } from './checkpoints.ts';

/** Where checkpoints go beside the database: a file, as lines of JSON, and a webhook, one a call. */
type OutsidePlaces = Pick<AuditOptions, 'checkpointFile' | 'checkpointUrl'>;

/** Writes checkpoints where whoever can change the database cannot reach them. */
export interface Outside {
  /** Writes what was not written yet; what fails is tried again later, a webhook less and less often. Never throws. */
  deliver(now: number): Promise<void>;
  list(): Promise<AuditOutside[]>;
}

const AT_ONCE = 100;
const WEBHOOK_TIMEOUT_MS = 10_000;
const WEBHOOK_ANSWER_BYTES = 65_536;
const LONGEST_WAIT_MS = 300_000;
const LINE_LIMIT = 2000;

/** Makes what writes to the places that are set. */
export function createOutside(
  places: OutsidePlaces,
  { db, egress, logger }: { readonly db: ManagerDatabase; readonly egress: Egress; readonly logger: Logger },
): Outside {
  const { checkpointFile: file, checkpointUrl: url } = places;
  const parts = { db, logger };
  const channels: Channel[] = [];
  if (file !== undefined) channels.push(openChannel('file', (marks) => appendLines(file, marks), parts));
  if (url !== undefined) channels.push(openChannel('webhook', (marks) => post(egress, url, marks), parts));
  return {
    async deliver(now) {
      for (const channel of channels) await channel.deliver(now);
    },
    list: () => Promise.all(channels.map((channel) => channel.state())),
  };
}

/**
 * The checkpoints of a file, oldest first, a line at a time.
 * @throws Error for a line that is no checkpoint, with its number
 */
export async function* readCheckpointFile(file: string): AsyncGenerator<AuditCheckpoint> {
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() === '') continue;
    yield parseLine(line, number);
  }
}

function parseLine(line: string, number: number): AuditCheckpoint {
  try {
    return auditCheckpoint.parse(JSON.parse(line.slice(0, LINE_LIMIT)));
  } catch {
    throw new Error(`Line ${number} is no checkpoint.`);
  }
}

interface Channel {
  deliver(now: number): Promise<void>;
  state(): Promise<AuditOutside>;
}

/** @param write writes some checkpoints and gives how many of them; throws when not even the first went */
function openChannel(
  kind: AuditOutside['kind'],
  write: (marks: readonly AuditCheckpoint[]) => Promise<number>,
  { db, logger }: { readonly db: ManagerDatabase; readonly logger: Logger },
): Channel {
  const setting = `audit-outside-${kind}`;
  const written = async () => Number((await readSetting(db.read, setting)) ?? 0);
  let problem: string | undefined;
  let failures = 0;
  let notBefore = 0;
  return {
    async deliver(now) {
      if (now < notBefore) return;
      const marks = await listCheckpoints(db.read, await written(), AT_ONCE);
      if (marks.length === 0) return;
      try {
        const last = marks[(await write(marks)) - 1];
        if (last !== undefined) await db.transaction((tx) => writeSetting(tx, setting, String(last.seq)));
        problem = undefined;
        failures = 0;
      } catch (error) {
        const message = error instanceof Error ? error.message : 'unknown error';
        if (problem !== message)
          logger.warn({ kind, problem: message }, 'Audit checkpoints could not be written outside.');
        problem = message;
        failures += 1;
        notBefore = now + Math.min(LONGEST_WAIT_MS, 1000 * 2 ** Math.min(failures, 20));
      }
    },
    state: async () => ({ kind, seq: await written(), ...(problem !== undefined && { problem }) }),
  };
}

/** Appends and waits until it is on disk. A crash in between writes a line twice, which checking does not mind. */
async function appendLines(file: string, marks: readonly AuditCheckpoint[]): Promise<number> {
  await using handle = await open(file, 'a', 0o600);
  await handle.appendFile(marks.map((mark) => `${JSON.stringify(mark)}\n`).join(''));
  await handle.sync();
  return marks.length;
}

async function post(egress: Egress, url: string, marks: readonly AuditCheckpoint[]): Promise<number> {
  let sent = 0;
  for (const mark of marks) {
    try {
      await postOne(egress, url, mark);
    } catch (error) {
      if (sent === 0) throw error;
      break;
    }
    sent += 1;
  }
  return sent;
}

async function postOne(egress: Egress, url: string, mark: AuditCheckpoint): Promise<void> {
  const { status } = await egress.fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(mark),
    limitBytes: WEBHOOK_ANSWER_BYTES,
    timeoutMs: WEBHOOK_TIMEOUT_MS,
    purpose: 'audit checkpoint',
  });
  if (status < 200 || status > 299) throw new Error(`The webhook answered ${status}.`);
}
