/** What the process ends with. Documented, tested, and stable: scripts switch on it. */
export const EXIT = {
  done: 0,
  unexpected: 1,
  wouldChange: 2,
  notFound: 3,
  refused: 4,
  partly: 5,
  notAllowed: 6,
  unreachable: 7,
  usage: 64,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Each exit code in words, for help and the reference. */
export const EXIT_WORDS: readonly (readonly [ExitCode, string])[] = [
  [EXIT.done, 'done'],
  [EXIT.unexpected, 'unexpected'],
  [EXIT.wouldChange, 'something would change (diff, --dry-run)'],
  [EXIT.notFound, 'not found'],
  [EXIT.refused, 'refused by a rule'],
  [EXIT.partly, 'partly done'],
  [EXIT.notAllowed, 'not allowed'],
  [EXIT.unreachable, 'cannot reach the server'],
  [EXIT.usage, 'used wrongly'],
];

/** The exit code of a refusal by the management API, by its HTTP status. */
export function exitOfStatus(status: number): ExitCode {
  switch (status) {
    case 401:
    case 403:
    case 421:
      return EXIT.notAllowed;
    case 404:
      return EXIT.notFound;
    case 409:
    case 412:
    case 413:
    case 422:
    case 428:
      return EXIT.refused;
    default:
      return EXIT.unexpected;
  }
}
