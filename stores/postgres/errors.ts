import pg from 'pg';
import { ConfigurationError, UnavailableError } from '#core/errors';

/** SQLSTATE classes (https://www.postgresql.org/docs/current/errcodes-appendix.html) after which the connection is as good as before. */
const ANSWERS = ['0A', '22', '23', '40', '42', '55'];
const QUERY_CANCELED = '57014';
const ROLLED_BACK = ['40001', '40P01'];

function codeOf(error: unknown): string {
  return error instanceof pg.DatabaseError ? (error.code ?? '') : '';
}

/** True when the engine itself said no, or we did: nothing of the transaction is kept, and the connection may be used again. */
export function isAnswer(error: unknown): boolean {
  if (error instanceof UnavailableError || error instanceof ConfigurationError || error instanceof RangeError)
    return true;
  const code = codeOf(error);
  return code === QUERY_CANCELED || ANSWERS.includes(code.slice(0, 2));
}

/** True when it was taken back because others were in the way: the same may succeed now. */
export function isRolledBack(error: unknown): boolean {
  return ROLLED_BACK.includes(codeOf(error));
}

/** True when a value cannot be kept: no try of the same ever succeeds. */
export function isWrongValue(error: unknown): boolean {
  return codeOf(error).startsWith('22');
}

/** True when the user or password is refused, or the host may not connect. */
export function isRefusedLogin(error: unknown): boolean {
  return codeOf(error).startsWith('28');
}
