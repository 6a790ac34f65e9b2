import { scopeSchema } from '#core/model/scope';
import { type Way, wordsOf } from '../document/place.ts';
import { type Fields, type Findings, fieldsOf, type OpenApiReading, textOf } from './reading.ts';
import { resolveFields } from './reference.ts';

const MOST_SCOPES = 100;

/** What a token needs for an operation, or that the document lets everybody in. */
export interface SecurityDemand {
  readonly scopes: readonly string[];
  readonly scopeMatch: 'any' | 'all';
  /** True: the operation says in words that it needs nothing (`security: []`, or an empty alternative). */
  readonly public: boolean;
  readonly asksForToken: boolean;
}

/** The security of a document. */
export interface DocumentSecurity {
  readonly schemes: OpenApiReading['security'];
  demandOf(operation: Fields, way: Way): SecurityDemand;
}

interface Scheme {
  readonly title: string;
  readonly isToken: boolean;
  readonly sentence: string;
}

const NOTHING: SecurityDemand = { scopes: [], scopeMatch: 'all', public: false, asksForToken: false };

/** Reads `components.securitySchemes` and the document's own `security`. */
export function readSecurity(top: Fields, findings: Findings): DocumentSecurity {
  const schemes = new Map<string, Scheme>();
  const place = ['components', 'securitySchemes'];
  for (const [name, value] of Object.entries(fieldsOf(fieldsOf(top.components)?.securitySchemes) ?? {})) {
    const resolved = resolveFields(top, { value, way: [...place, name] }, findings);
    if (resolved === undefined) continue;
    const scheme = schemeOf(resolved.fields);
    schemes.set(name, scheme);
    if (!scheme.isToken) findings.skip(`security: ${scheme.title}`, [...place, name], scheme.sentence);
  }
  return {
    schemes: [...schemes].map(([name, { title, isToken, sentence }]) => ({
      ...{ name, type: title, isUsed: isToken, sentence },
    })),
    demandOf(operation, way) {
      const isOwn = Array.isArray(operation.security);
      const demands = isOwn ? operation.security : top.security;
      if (!Array.isArray(demands)) return NOTHING;
      return demandOf(demands, { schemes, findings, isOwn, way: isOwn ? [...way, 'security'] : ['security'] });
    },
  };
}

function schemeOf(fields: Fields): Scheme {
  const type = textOf(fields.type);
  const scheme = textOf(fields.scheme).toLowerCase();
  const title = type === 'http' ? `http ${scheme}`.trim() : type;
  if (type === 'oauth2' || type === 'openIdConnect' || title === 'http bearer')
    return { title, isToken: true, sentence: 'Becomes OAuth Verify Access Token, with the scopes of each operation.' };
  const passed = 'It is passed on as it is sent: the target has to check it.';
  if (type === 'apiKey')
    return {
      title,
      isToken: false,
      sentence: `An API key in ${textOf(fields.in)} ${textOf(fields.name).slice(0, 64)} is not checked. ${passed}`,
    };
  return { title, isToken: false, sentence: `${title} is not checked. ${passed}` };
}

interface DemandPlace {
  readonly schemes: ReadonlyMap<string, Scheme>;
  readonly findings: Findings;
  readonly way: Way;
  readonly isOwn: boolean;
}

/** One way in: the scopes that its tokens need. */
interface Alternative {
  readonly scopes: readonly string[];
}

/**
 * Alternatives are joined by "or", what stands in one by "and". One policy says any or all; where it takes both, the first alternative
 * counts: that may refuse what the document lets in, never the other way round.
 */
function demandOf(demands: readonly unknown[], place: DemandPlace): SecurityDemand {
  const { findings, way } = place;
  const alternatives: Alternative[] = [];
  let isOpen = demands.length === 0;
  demands.forEach((demand, i) => {
    const fields = fieldsOf(demand) ?? {};
    if (Object.keys(fields).length === 0) isOpen = true;
    else {
      const alternative = alternativeOf(fields, { ...place, way: [...way, String(i)] });
      if (alternative !== undefined) alternatives.push(alternative);
    }
  });
  if (isOpen && place.isOwn) return { ...NOTHING, public: true };
  const [first] = alternatives;
  if (first === undefined) return NOTHING;
  const token = { public: false, asksForToken: true } as const;
  if (isOpen || alternatives.some(({ scopes }) => scopes.length === 0))
    return { ...token, scopes: [], scopeMatch: 'all' };
  if (alternatives.length === 1) return { ...token, scopes: first.scopes, scopeMatch: 'all' };
  if (alternatives.every(({ scopes }) => scopes.length === 1))
    return { ...token, scopes: [...new Set(alternatives.flatMap(({ scopes }) => scopes))], scopeMatch: 'any' };
  findings.skip(
    'security: alternatives',
    way,
    'Of several alternatives with several scopes only the first is demanded; the others would need a policy of their own.',
  );
  return { ...token, scopes: first.scopes, scopeMatch: 'all' };
}

/** The scopes of one alternative; undefined when none of its schemes is a token. */
function alternativeOf(fields: Fields, { schemes, findings, way }: DemandPlace): Alternative | undefined {
  const scopes = new Set<string>();
  let isToken = false;
  for (const [name, value] of Object.entries(fields)) {
    const scheme = schemes.get(name);
    if (scheme === undefined) {
      findings.problem(
        [...way, name],
        `${wordsOf([...way, name])}: components.securitySchemes has no ${name.slice(0, 100)}.`,
      );
      continue;
    }
    if (!scheme.isToken) continue;
    isToken = true;
    for (const scope of Array.isArray(value) ? value : []) {
      // A demand that cannot be made must not vanish: the operation would be open to more than the document says.
      if (scopeSchema.safeParse(scope).success) scopes.add(String(scope));
      else
        findings.problem(
          [...way, name],
          `${wordsOf([...way, name])}: ${String(scope).slice(0, 100)} is no scope (RFC 6749 §3.3).`,
        );
    }
  }
  if (scopes.size > MOST_SCOPES) findings.problem(way, `${wordsOf(way)} names more than ${MOST_SCOPES} scopes.`);
  return isToken ? { scopes: [...scopes] } : undefined;
}
