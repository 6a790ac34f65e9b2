import { type Way, wayOf } from '../document/place.ts';
import { type Fields, type Findings, fieldsOf } from './reading.ts';

/** More hops than this are a circle. */
const MOST_HOPS = 20;

/** An object of a document and where it really stands. */
export interface Resolved {
  readonly fields: Fields;
  readonly way: Way;
}

/** Why a reference that leaves the document is not followed. */
export function outsideMessage(reference: string): string {
  return /^[a-z][a-z0-9+.-]*:|^\/\//i.test(reference)
    ? 'References to other hosts are not followed. Put what it refers to into this document.'
    : 'References to other files are not followed. Put what it refers to into this document.';
}

/** The object at a place, `$ref`s within the document followed; undefined after it was told what is wrong. */
export function resolveFields(
  top: unknown,
  found: { readonly value: unknown; readonly way: Way },
  findings: Findings,
): Resolved | undefined {
  let { value, way } = found;
  for (let hops = 0; hops <= MOST_HOPS; hops += 1) {
    const fields = fieldsOf(value);
    if (fields === undefined) return undefined;
    const reference = fields.$ref;
    if (typeof reference !== 'string') return { fields, way };
    if (!reference.startsWith('#')) {
      findings.problem([...way, '$ref'], outsideMessage(reference));
      return undefined;
    }
    const next = wayOf(decodeFragment(reference.slice(1)));
    value = valueAt(top, next);
    if (value === undefined) {
      findings.problem([...way, '$ref'], `${reference.slice(0, 200)} leads to nothing in this document.`);
      return undefined;
    }
    way = next;
  }
  findings.problem(way, 'This reference leads in a circle.');
  return undefined;
}

function decodeFragment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function valueAt(top: unknown, way: Way): unknown {
  let value = top;
  for (const step of way) {
    if (Array.isArray(value)) value = value[Number(step)];
    else if (fieldsOf(value) !== undefined && Object.hasOwn(value as object, step)) value = (value as Fields)[step];
    else return undefined;
  }
  return value;
}
