import * as z from 'zod';

/** One thing wrong with what was sent. */
export const problemDetail = z.strictObject({
  pointer: z.string().describe('JSON pointer (RFC 6901) to the value that is wrong; empty for the whole body.'),
  code: z.string().describe('Stable name of what is wrong, e.g. `unknown_field`.'),
  message: z.string().describe('What is wrong and what would be right.'),
  line: z.int().optional().describe('Line in the document that was sent, from 1; for imports.'),
  column: z.int().optional(),
});
export type ProblemDetail = z.infer<typeof problemDetail>;

/** An error answer (RFC 9457), of the management API and of refused calls alike. Media type `application/problem+json`. */
export const problem = z.object({
  type: z.string().describe('`/errors/CODE`: where the code is explained.'),
  title: z.string().describe('One sentence for people.'),
  status: z.int().describe('HTTP status.'),
  code: z.string().describe('Stable name of the cause.'),
  detail: z.string().optional().describe('What happened in this case, and what to do.'),
  requestId: z.string().optional().describe('Our id of the request; look it up with `gatewright why`.'),
  errors: z.array(problemDetail).optional().describe('Each wrong value, for bad input.'),
});
export type Problem = z.infer<typeof problem>;

/** The media type of {@link Problem}. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/**
 * An operation of the management API is refused. `code` → status stands in {@link PROBLEM_STATUS}; the message reaches the caller,
 * so it names no secret.
 */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly errors: readonly ProblemDetail[];
  /** Commands or acts that would help, shown by the CLI under "Do one of these". */
  readonly fixes: readonly ProblemFix[];

  constructor(
    code: ProblemCode,
    message: string,
    extra: { readonly errors?: readonly ProblemDetail[]; readonly fixes?: readonly ProblemFix[] } = {},
  ) {
    super(message);
    this.code = code;
    this.errors = extra.errors ?? [];
    this.fixes = extra.fixes ?? [];
  }

  get status(): number {
    return PROBLEM_STATUS[this.code];
  }
}

/** Something that helps: a phrase and the command line that does it. */
export interface ProblemFix {
  readonly text: string;
  readonly command?: string;
}

/** Every way in which the management API says no, and the HTTP status of each. Stable: callers switch on them. */
export const PROBLEM_STATUS = {
  request_malformed: 400,
  body_malformed: 400,
  validation_failed: 422,
  import_invalid: 422,
  name_taken: 409,
  unauthenticated: 401,
  sign_in_failed: 401,
  second_factor_needed: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  in_use: 409,
  limit_reached: 409,
  state_conflict: 409,
  revision_missing: 428,
  revision_mismatch: 412,
  nothing_to_deploy: 409,
  deploy_path_taken: 409,
  deploy_refused: 409,
  store_not_shared: 409,
  setup_closed: 409,
  setup_token_wrong: 403,
  join_token_wrong: 403,
  gateway_removed: 410,
  host_not_allowed: 421,
  origin_not_allowed: 403,
  csrf_token_wrong: 403,
  destination_not_allowed: 403,
  body_too_large: 413,
  media_type_unsupported: 415,
  too_many_requests: 429,
  storage_low: 503,
  unavailable: 503,
  gateway_unreachable: 503,
  gateway_tls_failed: 503,
  gateway_timed_out: 504,
  internal_error: 500,
} as const;
export type ProblemCode = keyof typeof PROBLEM_STATUS;
