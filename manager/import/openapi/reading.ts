import type { ImportedResource, ImportProblem, OpenApiPreview, UnusedPart } from '#core/model/import';
import { pointerOf, type Way } from '../document/place.ts';
import type { PlacedDocument } from '../document/yaml-document.ts';

/** An operation as the resource that it would become, and what it is told apart by. */
export interface ReadOperation extends ImportedResource {
  /** The document's operationId; undefined: none, or one that another has too. */
  readonly operationId: string | undefined;
}

/** What an OpenAPI document says, as far as it matters here. Plain data: it comes out of a thread. */
export interface OpenApiReading
  extends Pick<OpenApiPreview, 'title' | 'version' | 'specification' | 'servers' | 'tags' | 'security'> {
  readonly description: string;
  /** With one of them nothing can be imported. */
  readonly problems: readonly ImportProblem[];
  readonly unused: readonly UnusedPart[];
  readonly operations: readonly ReadOperation[];
  /** True: the document asks for OAuth or OpenID Connect tokens somewhere. */
  readonly asksForTokens: boolean;
}

/** A fields-and-values object of a document. */
export type Fields = Readonly<Record<string, unknown>>;

/** An object, or undefined for everything else. */
export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}

/** A text, or empty for everything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Most kinds of unused parts that are listed one by one. */
const MOST_UNUSED = 500;
const MORE = 'more';

/** Collects what is wrong with a document and what of it is not used, each with its place. */
export class Findings {
  readonly problems: ImportProblem[] = [];
  readonly #unused = new Map<string, UnusedPart>();
  readonly #document: PlacedDocument;

  constructor(document: PlacedDocument) {
    this.#document = document;
  }

  get unused(): UnusedPart[] {
    return [...this.#unused.values()];
  }

  problem(way: Way, message: string): void {
    this.problems.push({ ...this.#document.placeOf(way), pointer: pointerOf(way), message });
  }

  /** Notes a part that nothing is made of: the first place is shown, the others are counted. */
  skip(what: string, way: Way, message: string): void {
    const isNew = !this.#unused.has(what + message);
    if (isNew && this.#unused.size >= MOST_UNUSED && what !== MORE) {
      this.skip(MORE, way, `Of more than ${MOST_UNUSED} kinds only the first are listed.`);
      return;
    }
    const known = this.#unused.get(what + message);
    const part = known ?? { what, places: 0, ...this.#document.placeOf(way), pointer: pointerOf(way), message };
    this.#unused.set(what + message, { ...part, places: part.places + 1 });
  }
}
