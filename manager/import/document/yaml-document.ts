import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { type Place, UnreadableError, type Way } from './place.ts';

/** Deeper documents are refused; no OpenAPI document needs a fifth of it. */
const MOST_DEPTH = 200;
/** Most aliases in a text. */
const MOST_ALIASES = 1000;
/** Most values once every alias is followed: a few lines can stand for billions. */
const MOST_VALUES = 2_000_000;

/** A JSON or YAML text as plain values that remember where they stood. */
export interface PlacedDocument {
  readonly value: unknown;
  /** Where a value stands, or the nearest one around it that is there. */
  placeOf(way: Way): Place;
}

/**
 * Reads JSON or YAML 1.2. Refused are: what is neither, a key that stands twice, merge keys, keys that are no text, aliases that grow beyond
 * measure or lead to themselves, and great depth.
 * @throws UnreadableError
 */
export function parseYamlDocument(text: string): PlacedDocument {
  const lines = new LineCounter();
  const document = parseYaml(text, lines);
  const placeAt = (offset: number | undefined): Place => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const [error] = document.errors;
  if (error !== undefined) {
    const message = error.message.split('\n')[0]?.replace(/ at line .*$/, '') ?? '';
    if (/call stack/.test(message)) throw new UnreadableError(TOO_DEEP, placeAt(error.pos[0]));
    throw new UnreadableError(`This is neither JSON nor YAML: ${sentence(message)}`, placeAt(error.pos[0]));
  }
  const reader = new Reader(placeAt);
  const value = reader.read(document.contents, [], 0).value;
  return { value, placeOf: (way) => placeAt(offsetOf(document.contents, way, reader.anchors)) };
}

const TOO_DEEP = `The document is nested deeper than ${MOST_DEPTH} levels.`;

function parseYaml(text: string, lineCounter: LineCounter) {
  try {
    // Keys are compared in Reader: the library compares each with each.
    return parseDocument(text, { lineCounter, uniqueKeys: false, schema: 'core', merge: false, logLevel: 'silent' });
  } catch (error) {
    if (error instanceof RangeError) throw new UnreadableError(TOO_DEEP);
    throw error;
  }
}

/** A value, and how many values it is made of when every alias is followed. */
interface Read {
  readonly value: unknown;
  readonly size: number;
}

class Reader {
  readonly anchors = new Map<string, Node>();
  readonly #read = new Map<string, Read>();
  readonly #placeAt: (offset: number | undefined) => Place;
  #aliases = 0;

  constructor(placeAt: (offset: number | undefined) => Place) {
    this.#placeAt = placeAt;
  }

  read(node: unknown, way: Way, depth: number): Read {
    if (depth > MOST_DEPTH) throw this.#fault(TOO_DEEP, node, way);
    if (isAlias(node)) return this.#follow(node.source, node, way);
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    if (anchor !== undefined) {
      this.anchors.set(anchor, node as Node);
      this.#read.delete(anchor); // the name may have stood for something else before
    }
    const read = this.#plain(node, way, depth);
    if (read.size > MOST_VALUES)
      throw this.#fault(`With its aliases followed the document has more than ${MOST_VALUES} values.`, node, way);
    if (anchor !== undefined) this.#read.set(anchor, read);
    return read;
  }

  #follow(anchor: string, node: unknown, way: Way): Read {
    this.#aliases += 1;
    if (this.#aliases > MOST_ALIASES)
      throw this.#fault(`The document has more than ${MOST_ALIASES} aliases.`, node, way);
    const read = this.#read.get(anchor);
    if (read === undefined) throw this.#fault(`The alias *${anchor} leads to itself or to nothing.`, node, way);
    return read;
  }

  #plain(node: unknown, way: Way, depth: number): Read {
    if (isMap(node)) return this.#map(node.items, way, depth);
    if (isSeq(node)) {
      const items = node.items.map((item, i) => this.read(item, [...way, String(i)], depth + 1));
      return { value: items.map(({ value }) => value), size: sum(items) };
    }
    const value = isScalar(node) ? node.value : null;
    const isPlain = value === null || ['string', 'number', 'boolean'].includes(typeof value);
    return { value: isPlain ? value : String(value), size: 1 };
  }

  #map(items: readonly { readonly key: unknown; readonly value: unknown }[], way: Way, depth: number): Read {
    const fields: Record<string, unknown> = {};
    const reads: Read[] = [];
    for (const { key, value } of items) {
      if (!isScalar(key) || typeof key.value === 'object')
        throw this.#fault('A key has to be a text.', isScalar(key) ? key : value, way);
      const name = String(key.value);
      if (name === '<<' && key.type === 'PLAIN')
        throw this.#fault('Merge keys (<<) are not read. Write the fields out.', key, way);
      if (name === '__proto__') throw this.#fault('A field cannot be named __proto__.', key, way);
      if (Object.hasOwn(fields, name))
        throw this.#fault(`${name.slice(0, 200)} stands here twice.`, key, [...way, name]);
      const read = this.read(value, [...way, name], depth + 1);
      fields[name] = read.value;
      reads.push(read);
    }
    return { value: fields, size: sum(reads) };
  }

  #fault(message: string, node: unknown, way: Way): UnreadableError {
    return new UnreadableError(message, this.#placeAt(startOf(node)), way);
  }
}

function sum(reads: readonly Read[]): number {
  return reads.reduce((total, { size }) => total + size, 1);
}

function offsetOf(top: unknown, way: Way, anchors: ReadonlyMap<string, Node>): number | undefined {
  let node: unknown = top;
  let offset = startOf(node);
  for (const step of way) {
    if (isAlias(node)) node = anchors.get(node.source);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
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
  const isNode = isMap(node) || isSeq(node) || isScalar(node) || isAlias(node);
  return isNode ? node.range?.[0] : undefined;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
