import type { Problem, ProblemDetail, ProblemFix } from '#core/problem';

/** The management API said no. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly errors: readonly ProblemDetail[];
  readonly fixes: readonly ProblemFix[];
  readonly requestId: string | undefined;
  /** Seconds to wait, when it said so. */
  readonly retryAfter: number | undefined;

  constructor(problem: Problem & { readonly fixes?: readonly ProblemFix[] }, retryAfter: number | undefined) {
    super(problem.detail ?? problem.title);
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.errors = problem.errors ?? [];
    this.fixes = problem.fixes ?? [];
    this.requestId = problem.requestId;
    this.retryAfter = retryAfter;
  }
}

/** Nobody answered: the manager is away, or the network. */
export class ApiUnreachable extends Error {
  override readonly name = 'ApiUnreachable';
  readonly code = 'unreachable';
}

/** The stable name of a failure, for people who search for it. */
export function codeOf(error: unknown): string {
  return error instanceof ApiProblem || error instanceof ApiUnreachable ? error.code : 'console_error';
}

/** A failure in a sentence. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ApiUnreachable) return 'The manager did not answer.';
  return error instanceof Error ? error.message : 'The console failed.';
}

/** True when somebody else saved first (ETag). */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiProblem && error.code === 'revision_mismatch';
}
