import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar } from 'yaml';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-code.ts';

/** A YAML file that can be read, and where its values stand. */
export interface YamlFile {
  /** Path as people see it: below the folder that was named. */
  readonly file: string;
  readonly value: unknown;
  /** `orders/project.yaml:7`: the place of a value, or of the nearest one around it. */
  placeOf(path: readonly PropertyKey[]): string;
}

/** Wrong files, each line naming file and line. */
export function fileError(lines: readonly string[]): CliError {
  const first =
    lines.length === 1 ? 'A file is not as it must be.' : `${lines.length} places in files are not as they must be.`;
  return new CliError(first, { code: 'file_invalid', exit: EXIT.refused, lines });
}

/** Largest file in bytes. */
export const FILE_LIMIT_BYTES = 1024 * 1024;
/** Most aliases: a few lines of them can stand for billions of values. */
const MOST_ALIASES = 100;
/** Most faults that are told of one file. */
const MOST_FAULTS = 20;

/**
 * Reads a YAML 1.2 file: no merge keys, no key twice, and bounded, since the folder may be somebody else's.
 * @throws CliError naming file and line when it cannot be read
 */
export function parseYamlFile(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  if (text.length > FILE_LIMIT_BYTES) throw fileError([`${file}:1: it is larger than 1 MiB.`]);
  // Keys are compared below: the library compares each with each.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, schema: 'core', merge: false });
  // What ends too early is noticed behind the last line.
  const last = text.trimEnd().split('\n').length;
  if (document.errors.length > 0) {
    throw fileError(
      document.errors.slice(0, MOST_FAULTS).map(({ linePos, message }) => {
        const words = message.split('\n')[0]?.replace(/ at line .*$/, '');
        // What the library says when it has no stack left.
        const said = words?.startsWith('Maximum call stack') ? 'it is nested too deep.' : words;
        return `${file}:${Math.min(linePos?.[0].line ?? 1, last)}: ${said}`;
      }),
    );
  }
  const twice = doubleKeys(document.contents).map(
    (key) => `${file}:${lines.linePos(startOf(key) ?? 0).line}: ${String(key.value).slice(0, 100)} stands here twice.`,
  );
  if (twice.length > 0) throw fileError(twice.slice(0, MOST_FAULTS));
  return {
    file,
    value: plainOf(file, document),
    placeOf: (path) => `${file}:${lines.linePos(offsetOf(document, path)).line}`,
  };
}

function plainOf(file: string, document: Document): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    JSON.stringify(value); // throws when something contains itself
    return value;
  } catch {
    throw fileError([`${file}:1: its aliases stand for too much, or for themselves.`]);
  }
}

/** Keys that stand in their map a second time. */
function doubleKeys(top: unknown): Scalar[] {
  const found: Scalar[] = [];
  const left: unknown[] = [top];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (isSeq(node)) left.push(...node.items);
    if (!isMap(node)) continue;
    const keys = new Set<string>();
    for (const { key, value } of node.items) {
      if (isScalar(key) && keys.size === keys.add(String(key.value)).size) found.push(key);
      left.push(value ?? null);
    }
  }
  return found;
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => (isScalar(key) ? String(key.value) : String(key)) === String(step));
      if (pair === undefined) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = startOf(node) ?? offset;
    } else break;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  const range = (node as Node | undefined)?.range;
  return range?.[0];
}
