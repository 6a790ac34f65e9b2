import type { ImportProblem } from '#core/model/import';
import { type ProblemDetail, ProblemError } from '#core/problem';

/** Where something stands in a text; both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Most problems that are told of one document. */
export const MOST_PROBLEMS = 100;

/** A way through a document, from its top. */
export type Way = readonly string[];

/** A JSON pointer (RFC 6901). */
export function pointerOf(way: Way): string {
  return way.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The steps of a JSON pointer. */
export function wayOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A way as people read it: `paths./pets.get.responses`. */
export function wordsOf(way: Way): string {
  return way.length === 0 ? 'The document' : way.map((step) => step.slice(0, 200)).join('.');
}

/** `line 41, column 7: paths./pets.get.responses is missing. …` */
function problemLine({ line, column, message }: ImportProblem): string {
  return line === 0 ? message : `line ${line}, column ${column}: ${message}`;
}

/** The refusal of a document with problems. */
export function importInvalid(problems: readonly ImportProblem[]): ProblemError {
  const errors = problems.map((problem): ProblemDetail => {
    const { line, column } = problem;
    const place = line === 0 ? {} : { line, column };
    return { pointer: '/source', code: 'import_invalid', message: problemLine(problem), ...place };
  });
  const rest = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new ProblemError('import_invalid', `${errors[0]?.message ?? 'It cannot be read.'}${rest}`, { errors });
}

/** Thrown while a document is read: it cannot be read any further. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
  readonly problem: ImportProblem;

  constructor(message: string, place: Place = { line: 0, column: 0 }, way: Way = []) {
    super(message);
    this.problem = { ...place, pointer: pointerOf(way), message };
  }
}
