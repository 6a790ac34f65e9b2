import type { AnyPolicyType } from './policy.ts';
import { findWhiteboardNames, isKnownName } from './whiteboard-selector.ts';

/** A policy with its settings, as a snapshot has it. */
interface ConfiguredPolicy {
  readonly name: string;
  readonly type: string;
  readonly config: unknown;
}

/** A name in a selector that nothing writes. */
export interface UnknownName {
  readonly policy: string;
  readonly name: string;
}

/** Settings in which selectors are looked for: all but those that are text of another kind. */
export function selectorFields(type: AnyPolicyType | undefined, config: unknown): unknown {
  const literal = type?.literalFields ?? [];
  if (literal.length === 0 || typeof config !== 'object' || config === null) return config;
  return Object.fromEntries(Object.entries(config).filter(([name]) => !literal.includes(name)));
}

/** Names in selectors of a project's policies that no policy is set to write and nothing else leaves on the whiteboard (decision 21). */
export function findUnknownNames(
  policies: readonly ConfiguredPolicy[],
  types: ReadonlyMap<string, AnyPolicyType>,
): UnknownName[] {
  const written = new Set(
    policies.flatMap(({ type, config }) => {
      const known = types.get(type);
      const parsed = known?.schema.safeParse(config);
      return parsed?.success === true ? (known?.writes?.(parsed.data) ?? []) : [];
    }),
  );
  return policies.flatMap(({ name: policy, type, config }) =>
    findWhiteboardNames(selectorFields(types.get(type), config))
      .filter((name) => !isKnownName(name, written))
      .map((name) => ({ policy, name })),
  );
}

/** What is wrong with such a name. */
export function unknownNameMessage(name: string): string {
  return `Nothing writes \${${name}}: name an attribute that a policy of this project writes, or a part of the request.`;
}
