import { DEFAULT_RESOURCE, METHODS } from '#core/model/resource';
import { displayNameOf, FreeNames } from '../document/names.ts';
import { type Way, wordsOf } from '../document/place.ts';
import { pathPatternOf, shapeOf } from './path-pattern.ts';
import { type Fields, type Findings, fieldsOf, type ReadOperation, textOf } from './reading.ts';
import { resolveFields } from './reference.ts';
import type { DocumentSecurity } from './security.ts';

/** Most operations of a document. */
const MOST_OPERATIONS = 10_000;
const MOST_TAGS = 50;

/** What a document's paths are read with. */
export interface OperationDeps {
  readonly top: Fields;
  readonly security: DocumentSecurity;
  readonly findings: Findings;
}

interface Draft extends Omit<ReadOperation, 'name' | 'displayName'> {
  readonly wish: string;
  readonly fallback: string;
}

/** The operations of a document, in its order, each as the resource that it would become. */
export function readOperations(deps: OperationDeps): { operations: ReadOperation[]; asksForTokens: boolean } {
  const { top, findings } = deps;
  const drafts: Draft[] = [];
  const known = new Map<string, Way>();
  let asksForTokens = false;
  for (const [template, value] of Object.entries(fieldsOf(top.paths) ?? {})) {
    if (template.startsWith('x-')) continue;
    const place = ['paths', template];
    const item = resolveFields(top, { value, way: place }, findings);
    if (item === undefined) continue;
    for (const method of METHODS) {
      const operation = fieldsOf(item.fields[method.toLowerCase()]);
      if (operation === undefined) continue;
      const way = [...item.way, method.toLowerCase()];
      const demand = deps.security.demandOf(operation, way);
      asksForTokens ||= demand.asksForToken;
      const made = draftOf({ template, method, operation, way }, findings);
      if (made === undefined) continue;
      const same = known.get(made.key);
      if (same !== undefined) {
        findings.problem(
          place,
          `${wordsOf(place)} takes the same calls as ${wordsOf(same)}: only parameter names differ.`,
        );
        continue;
      }
      known.set(made.key, place);
      const { scopes, scopeMatch } = demand;
      drafts.push({ ...made, scopes: [...scopes], scopeMatch, public: demand.public });
    }
  }
  if (drafts.length > MOST_OPERATIONS)
    findings.problem(['paths'], `The document has ${drafts.length} operations; at most ${MOST_OPERATIONS} are read.`);
  return { operations: named(drafts), asksForTokens };
}

interface Found {
  readonly template: string;
  readonly method: (typeof METHODS)[number];
  readonly operation: Fields;
  readonly way: Way;
}

type Routed = Omit<Draft, 'scopes' | 'scopeMatch' | 'public'>;

function draftOf({ template, method, operation, way }: Found, findings: Findings): Routed | undefined {
  const translated = pathPatternOf(template);
  if ('reason' in translated) {
    const message = `It gets no resource of its own: ${translated.reason}. DefaultResource takes its calls, without the scopes that it may ask for.`;
    findings.skip(`${method} ${template.slice(0, 200)}`, way, message);
    return undefined;
  }
  const { pattern } = translated;
  const operationId = textOf(operation.operationId);
  return {
    key: `${method} ${shapeOf(pattern)}`,
    path: pattern,
    methods: [method],
    tags: textsOf(operation.tags),
    operationId: operationId === '' ? undefined : operationId.slice(0, 500),
    wish: displayNameOf(operationId),
    fallback: displayNameOf(`${method} ${pattern}`),
  };
}

/** Names are given in the order of the document, so that the same document gives the same names. */
function named(drafts: readonly Draft[]): ReadOperation[] {
  const names = new FreeNames([DEFAULT_RESOURCE]);
  const uses = new Map<string, number>();
  for (const { operationId } of drafts)
    if (operationId !== undefined) uses.set(operationId, (uses.get(operationId) ?? 0) + 1);
  return drafts.map(({ wish, fallback, operationId, ...draft }) => ({
    ...draft,
    ...names.take(wish, fallback),
    operationId: operationId !== undefined && uses.get(operationId) === 1 ? operationId : undefined,
  }));
}

function textsOf(value: unknown): string[] {
  const texts = Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string' && one !== '') : [];
  return [...new Set(texts.map((text) => text.slice(0, 200)))].slice(0, MOST_TAGS);
}
