import { ProblemError } from '#core/problem';
import type { IfMatch } from './operation.ts';

/**
 * Checks that a caller changes what it has seen.
 * @throws ProblemError `revision_mismatch`
 */
export function checkRevision(ifMatch: IfMatch, revision: number): void {
  if (ifMatch === '*' || ifMatch === revision) return;
  throw new ProblemError(
    'revision_mismatch',
    `You have revision ${ifMatch}, it is at ${revision} now. Read it again, then change it.`,
  );
}
