import { isDeepStrictEqual } from 'node:util';
import { Document, isMap, isScalar, isSeq, type ParsedNode, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';

/**
 * The text of a YAML file with these fields. Over an earlier text its comments, its order and its way of writing stay; a text that
 * cannot be read is replaced.
 */
export function yamlText(fields: Readonly<Record<string, unknown>>, before: string | undefined): string {
  const options = { lineWidth: 0, indentSeq: true } as const;
  if (before === undefined) return new Document(fields).toString(options);
  const document = parseDocument(before, { uniqueKeys: false, schema: 'core', merge: false });
  const plain = document.errors.length > 0 ? undefined : plainDocument(document);
  if (plain === undefined || !isMap(document.contents)) return new Document(fields).toString(options);
  if (isDeepStrictEqual(plain, fields)) return before;
  mergeMap(document, document.contents, fields);
  return document.toString(options);
}

/** Its values; undefined when aliases make it unreadable. */
function plainDocument(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    return undefined;
  }
}

type Doc = ReturnType<typeof parseDocument> | Document;

function mergeMap(document: Doc, map: YAMLMap, fields: Readonly<Record<string, unknown>>): void {
  for (const { key } of [...map.items]) {
    const name = isScalar(key) ? String(key.value) : String(key);
    if (!Object.hasOwn(fields, name)) map.delete(key);
  }
  for (const [name, value] of Object.entries(fields)) {
    const node: unknown = map.get(name, true);
    if (node === undefined) map.set(name, document.createNode(value));
    else if (!mergeNode(document, node, value)) map.set(name, document.createNode(value));
  }
}

/** True when the value could be put into the node that is there. */
function mergeNode(document: Doc, node: unknown, value: unknown): boolean {
  if (isMap(node) && isRecord(value)) {
    mergeMap(document, node, value);
    return true;
  }
  if (isSeq(node) && Array.isArray(value)) {
    mergeSeq(document, node, value);
    return true;
  }
  if (isScalar(node) && (typeof value !== 'object' || value === null)) {
    if (node.value !== value) node.value = value;
    return true;
  }
  return false;
}

/** Items keep their nodes, and so their comments, when what tells them apart stays the same. */
function mergeSeq(document: Doc, seq: YAMLSeq, values: readonly unknown[]): void {
  const left = [...seq.items];
  seq.items = values.map((value) => {
    const index = left.findIndex((node) => isDeepStrictEqual(keyOf(plainOf(node)), keyOf(value)));
    const [node] = index < 0 ? [] : left.splice(index, 1);
    return node !== undefined && mergeNode(document, node, value) ? node : document.createNode(value);
  });
}

function plainOf(node: unknown): unknown {
  return isMap(node) || isSeq(node) || isScalar(node) ? (node as ParsedNode).toJSON() : node;
}

function keyOf(item: unknown): unknown {
  if (!isRecord(item)) return item;
  return item.policy ?? item.scope ?? item.url ?? item.name ?? item;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
