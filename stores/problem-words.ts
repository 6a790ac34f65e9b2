/** What engines say of themselves when they do not answer; what is behind it says more. */
const GENERAL = 'the token store does not answer';

/** An error with what is behind it, in words: `connect ECONNREFUSED 127.0.0.1:6379` says more than that a store does not answer. */
export function problemWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Of addresses that were tried one after the other each has its own.
  const [first] = error instanceof AggregateError ? error.errors : [];
  const behind = error.cause ?? first;
  const cause = behind === undefined ? '' : problemWords(behind);
  if (error.message === GENERAL || error.message === '') return cause === '' ? GENERAL : cause;
  return cause === '' || error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}
