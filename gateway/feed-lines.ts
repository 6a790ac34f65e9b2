import { FEED_FORMAT, FEED_KINDS, type FeedEntry, type FeedKind, type FeedLine } from '#core/change-feed';
import { checkPayload } from './replica-row.ts';

/** Longest line that is read; a version of a project is some 10 KiB. */
const LINE_LIMIT_BYTES = 64 * 1024 * 1024;

/** What the manager sent is not understood, so none of it is applied (decision 9). The gateway serves what it has. */
export class FeedRefused extends Error {
  override readonly name = 'FeedRefused';
}

/** The manager says that this gateway was removed. */
export class GatewayRemoved extends Error {
  override readonly name = 'GatewayRemoved';
}

/** The feed is not the one that the replica came from, and does not say so: it is asked for from the beginning. */
export class FeedMismatch extends Error {
  override readonly name = 'FeedMismatch';
}

/** Cuts a stream of bytes into lines. */
export interface LineSplitter {
  /** The lines that a chunk completed. @throws FeedRefused when a line is longer than any line may be. */
  push(chunk: Buffer): string[];
}

/** Makes a splitter. Lines are cut as bytes, so that a character cut in two by the network stays whole. */
export function createLineSplitter(): LineSplitter {
  let rest: Buffer[] = [];
  let restBytes = 0;
  return {
    push(chunk) {
      const lines: string[] = [];
      let start = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
        lines.push(Buffer.concat([...rest, chunk.subarray(start, end)]).toString('utf8'));
        rest = [];
        restBytes = 0;
        start = end + 1;
      }
      if (start < chunk.length) {
        rest.push(chunk.subarray(start));
        restBytes += chunk.length - start;
      }
      if (restBytes > LINE_LIMIT_BYTES) throw new FeedRefused('A line of the feed is too long.');
      return lines;
    },
  };
}

/** Makes a line typed; every entry's payload is checked strictly. @throws FeedRefused */
export function parseFeedLine(text: string): FeedLine {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch (error) {
    throw new FeedRefused('A line of the feed is not JSON.', { cause: error });
  }
  if (!isObject(line)) throw new FeedRefused('A line of the feed is not an object.');
  switch (line.type) {
    case 'hello':
      return parseHello(line);
    case 'changes':
      if (!Array.isArray(line.entries)) throw new FeedRefused('A change set has no entries.');
      return { type: 'changes', seq: seqOf(line), entries: line.entries.map(parseEntry) };
    case 'caught-up':
      return { type: 'caught-up', seq: seqOf(line), at: typeof line.at === 'number' ? line.at : 0 };
    case 'order':
      return { type: 'order', seq: seqOf(line), drain: line.drain === true };
    default:
      throw new FeedRefused(`The feed has a line of the unknown type "${String(line.type)}".`);
  }
}

function parseHello(line: Readonly<Record<string, unknown>>): FeedLine {
  const { format, epoch, snapshot, serverGroupId, gatewayId } = line;
  if (format !== FEED_FORMAT)
    throw new FeedRefused(`The manager speaks format ${String(format)} of the feed, this gateway ${FEED_FORMAT}.`);
  if (typeof epoch !== 'string' || epoch === '' || typeof serverGroupId !== 'string' || typeof gatewayId !== 'string')
    throw new FeedRefused('The feed does not say which one it is.');
  return { type: 'hello', format, epoch, snapshot: snapshot === true, seq: seqOf(line), serverGroupId, gatewayId };
}

function parseEntry(entry: unknown): FeedEntry {
  if (!isObject(entry)) throw new FeedRefused('An entry of the feed is not an object.');
  const { kind, id, serverGroupId, payload, ...others } = entry;
  const seq = seqOf(entry);
  const [unknown] = Object.keys(others).filter((name) => name !== 'seq');
  if (!isKind(kind))
    throw new FeedRefused(`The feed has an entry of the unknown kind "${String(kind)}" (number ${seq}).`);
  if (typeof id !== 'string' || id === '') throw new FeedRefused(`An entry of the feed has no id (number ${seq}).`);
  if (unknown !== undefined)
    throw new FeedRefused(`The ${kind} ${id} has the unknown field "${unknown}" (number ${seq}).`);
  return {
    seq,
    kind,
    id,
    serverGroupId: typeof serverGroupId === 'string' ? serverGroupId : undefined,
    payload: payload === undefined || payload === null ? undefined : checked(kind, id, payload),
  };
}

function checked(kind: FeedKind, id: string, payload: unknown): unknown {
  try {
    return checkPayload(kind, payload);
  } catch (error) {
    throw new FeedRefused(`The ${kind} ${id} is not understood: ${problemOf(error)}`, { cause: error });
  }
}

/** The first problem that Zod found, without values. */
function problemOf(error: unknown): string {
  if (!(error instanceof Error) || !('issues' in error) || !Array.isArray(error.issues)) return String(error);
  const issue: unknown = error.issues[0];
  if (!isObject(issue)) return 'unknown';
  const where = Array.isArray(issue.path) ? issue.path.join('/') : '';
  return `${where === '' ? '' : `${where}: `}${String(issue.message)}`;
}

function isKind(kind: unknown): kind is FeedKind {
  return typeof kind === 'string' && Object.hasOwn(FEED_KINDS, kind);
}

function seqOf(line: Readonly<Record<string, unknown>>): number {
  if (typeof line.seq === 'number' && Number.isSafeInteger(line.seq) && line.seq >= 0) return line.seq;
  throw new FeedRefused('A line of the feed has no number.');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
