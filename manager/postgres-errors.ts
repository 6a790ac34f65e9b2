import { ProblemError } from '#core/problem';

/** Classes and codes of PostgreSQL ("SQLSTATE") after which the same can be tried again: connection, resources, operator, conflicts. */
const PASSING = ['08', '53', '57', '40', '55P03', '25P03', '25006'];
const NO_TEXT = '22021';
const OUT_OF_RANGE = '22003';
const CONNECTION_CODES = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
];
/** What `pg` says without a code. */
const CONNECTION_WORDS =
  /connection terminated|timeout exceeded when trying to connect|connection timeout|client has encountered a connection error|not queryable/i;

/**
 * What a caller can do about an error of the database: try again (`unavailable`: it is away, busy, or refuses for now), or send a text that it
 * can keep (`validation_failed`: PostgreSQL holds no NUL). Everything else is a bug and stays as it is.
 */
export function asDatabaseProblem(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (PASSING.some((passing) => code.startsWith(passing)) || isConnectionError(error, code))
    return because(error, new ProblemError('unavailable', 'The database cannot be reached or is busy; try again.'));
  if (code === NO_TEXT)
    return because(
      error,
      new ProblemError('validation_failed', 'A text has a sign that the database cannot keep (NUL).'),
    );
  if (code === OUT_OF_RANGE)
    return because(error, new ProblemError('validation_failed', 'A number is larger than the database can keep.'));
  return error;
}

function because(cause: Error, problem: ProblemError): ProblemError {
  problem.cause = cause;
  return problem;
}

/** True when the connection is gone, or none was to be had. */
function isConnectionError(error: Error, code: string): boolean {
  return CONNECTION_CODES.includes(code) || CONNECTION_WORDS.test(error.message);
}
