import { SaxesParser, type SaxesTagNS } from 'saxes';
import { type Place, UnreadableError } from '../document/place.ts';

const MOST_DEPTH = 100;
const MOST_ELEMENTS = 200_000;
const MOST_ATTRIBUTES = 200;
const MOST_TEXT = 4000;

/** An element of an XML document. */
export interface XmlElement {
  /** Namespace; empty: none. */
  readonly uri: string;
  readonly local: string;
  /** Where its tag begins. */
  readonly place: Place;
  /** The way to it, by local names. */
  readonly way: readonly string[];
  readonly children: readonly XmlElement[];
  /** Text directly in it, cut at 4000 characters. */
  readonly text: string;
  /** An attribute without namespace; empty when it is not there. */
  attribute(name: string): string;
  /** A prefixed name in its content, e.g. `tns:Orders`; undefined when the prefix stands for nothing. */
  resolve(name: string): QualifiedName | undefined;
}

/** A name in a namespace. */
export interface QualifiedName {
  readonly uri: string;
  readonly local: string;
}

interface Open extends XmlElement {
  /** Prefix → namespace. */
  readonly spaces: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

/**
 * Reads an XML document. A DTD is refused, so that there are no entities but those of XML itself and nothing outside is asked for.
 * @throws UnreadableError with line and column
 */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true });
  const open: Open[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  let begun: Place = { line: 1, column: 1 };
  const here = (): Place => ({ line: parser.line, column: Math.max(1, parser.column) });
  parser.on('error', (error) => {
    throw new UnreadableError(`This is not well-formed XML: ${plainMessage(error.message)}.`, here());
  });
  parser.on('doctype', () => {
    throw new UnreadableError('A document type (<!DOCTYPE …>) is not read. Take it out.', here());
  });
  parser.on('opentagstart', ({ name }) => {
    // By now the name was read, and the character behind it: a line break makes the column start anew.
    const column = parser.column - name.length - 1;
    begun = column > 0 ? { line: parser.line, column } : { line: Math.max(1, parser.line - 1), column: 1 };
  });
  parser.on('opentag', (tag) => {
    elements += 1;
    if (open.length >= MOST_DEPTH)
      throw new UnreadableError(`The document is nested deeper than ${MOST_DEPTH} levels.`, begun);
    if (elements > MOST_ELEMENTS)
      throw new UnreadableError(`The document has more than ${MOST_ELEMENTS} elements.`, begun);
    if (Object.keys(tag.attributes).length > MOST_ATTRIBUTES)
      throw new UnreadableError(`An element has more than ${MOST_ATTRIBUTES} attributes.`, begun);
    const element = elementOf(tag, begun, open);
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('text', (part) => {
    const element = open.at(-1);
    if (element !== undefined && element.text.length < MOST_TEXT)
      element.text = (element.text + part).slice(0, MOST_TEXT);
  });
  parser.on('closetag', () => void open.pop());
  parser.write(text).close();
  if (root === undefined) throw new UnreadableError('There is no element in it.');
  return root;
}

function elementOf(tag: SaxesTagNS, place: Place, open: readonly Open[]): Open {
  const { attributes } = tag;
  const parent = open.at(-1);
  const declared = Object.entries(tag.ns);
  // Most elements declare no namespace: those share their parent's.
  const spaces =
    declared.length === 0 && parent !== undefined
      ? parent.spaces
      : new Map([...(parent?.spaces ?? ROOT_SPACES), ...declared]);
  return {
    spaces,
    uri: tag.uri,
    local: tag.local,
    place,
    way: [...(parent?.way ?? []), tag.local],
    children: [],
    text: '',
    attribute: (name) => {
      const found = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
      return found?.uri === '' ? found.value : '';
    },
    resolve: (name) => {
      const [first = '', second] = name.trim().split(':');
      const uri = spaces.get(second === undefined ? '' : first);
      if (second === undefined) return { uri: uri ?? '', local: first };
      return uri === undefined ? undefined : { uri, local: second };
    },
  };
}

const ROOT_SPACES: ReadonlyMap<string, string> = new Map([['xml', 'http://www.w3.org/XML/1998/namespace']]);

/** The library puts line and column before its message. */
function plainMessage(message: string): string {
  return message
    .replace(/^(?:[^:]*:)?\d+:\d+:\s*/, '')
    .replace(/\.$/, '')
    .slice(0, 200);
}
