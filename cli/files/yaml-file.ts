import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
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

/** @throws CliError naming file and line when it is no YAML */
export function parseYamlFile(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    throw fileError(
      document.errors.map(
        ({ linePos, message }) =>
          `${file}:${linePos?.[0].line ?? 1}: ${message.split('\n')[0]?.replace(/ at line .*$/, '')}`,
      ),
    );
  }
  return {
    file,
    value: document.toJS(),
    placeOf: (path) => `${file}:${lines.linePos(offsetOf(document, path)).line}`,
  };
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
