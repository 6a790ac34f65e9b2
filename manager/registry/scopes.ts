import type { RegisteredScope } from '#core/model/scope';
import type { ProblemDetail } from '#core/problem';

/** What is wrong with a list of scopes: one twice, or one that is not among the offered ones. */
export function scopeListErrors(
  scopes: readonly RegisteredScope[],
  offered?: readonly RegisteredScope[],
): ProblemDetail[] {
  return scopes.flatMap(({ scope }, index): ProblemDetail[] => {
    const pointer = `/scopes/${index}/scope`;
    if (scopes.findIndex((other) => other.scope === scope) < index)
      return [{ pointer, code: 'duplicate', message: `The scope ${scope} stands here twice.` }];
    if (offered === undefined || offered.some((other) => other.scope === scope)) return [];
    return [{ pointer, code: 'unknown_scope', message: `The product does not offer the scope ${scope}.` }];
  });
}
