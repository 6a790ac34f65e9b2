import { UnavailableError } from '#core/errors';
import { type Problem, type ProblemCode, ProblemError } from '#core/problem';

/** The one sentence a code stands for. The detail beside it says what happened in this case. */
const TITLES: Readonly<Record<ProblemCode, string>> = {
  request_malformed: 'The request cannot be read.',
  body_malformed: 'The body cannot be read.',
  validation_failed: 'Something in the request is not valid.',
  import_invalid: 'The document cannot be imported.',
  name_taken: 'The name is taken.',
  unauthenticated: 'Who calls is not known.',
  sign_in_failed: 'Signing in did not work.',
  second_factor_needed: 'A second factor is needed.',
  forbidden: 'This is not allowed.',
  not_found: 'There is no such thing.',
  method_not_allowed: 'This method does not exist here.',
  in_use: 'It is in use.',
  limit_reached: 'A limit is reached.',
  state_conflict: 'Its state does not allow this.',
  revision_missing: 'An If-Match header is needed.',
  revision_mismatch: 'It was changed by somebody else.',
  nothing_to_deploy: 'There is nothing to deploy.',
  deploy_path_taken: 'The path is taken by another project.',
  deploy_refused: 'The deployment is refused.',
  store_not_shared: 'The gateways of the server group do not share a token store.',
  setup_closed: 'The setup is closed.',
  setup_token_wrong: 'The setup link is not valid.',
  join_token_wrong: 'The join token lets nobody in.',
  gateway_removed: 'This gateway was removed.',
  host_not_allowed: 'The manager does not answer under this host name.',
  origin_not_allowed: 'Pages of this origin may not call the manager.',
  destination_not_allowed: 'This address may not be called.',
  csrf_token_wrong: 'The page must be loaded again.',
  body_too_large: 'The body is too large.',
  media_type_unsupported: 'This media type is not taken.',
  too_many_requests: 'Too many requests.',
  storage_low: 'The disk is nearly full.',
  unavailable: 'It does not work just now.',
  gateway_unreachable: 'The gateway cannot be reached.',
  gateway_tls_failed: 'The certificate of the gateway is not accepted.',
  gateway_timed_out: 'The gateway did not answer in time.',
  internal_error: 'Something went wrong here.',
};

/** The answer's body for a problem. */
export function problemAnswer(error: ProblemError, requestId: string): Problem & { fixes?: ProblemError['fixes'] } {
  return {
    type: `/errors/${error.code}`,
    title: TITLES[error.code],
    status: error.status,
    code: error.code,
    ...(error.message === '' ? {} : { detail: error.message }),
    requestId,
    ...(error.errors.length > 0 ? { errors: [...error.errors] } : {}),
    ...(error.fixes.length > 0 ? { fixes: error.fixes } : {}),
  };
}

/** Fastify's own errors, and ours, as a problem; what is neither is a bug: undefined. */
export function asProblem(error: unknown): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  if (error instanceof UnavailableError) return new ProblemError('unavailable', sentenceOf(error.message));
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ProblemError('body_too_large', 'A body has at most 1 MiB, a document that is imported 10 MB.');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ProblemError('media_type_unsupported', 'Send the body as application/json.');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new ProblemError('request_malformed', 'The body does not have the length that Content-Length says.');
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_ASYNC_CONSTRAINT':
      return new ProblemError('request_malformed', 'The path has a percent sequence that is not valid.');
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new ProblemError('not_found', 'A name in the path is too long.');
    case 'ECONNRESET':
      // The caller went away in the middle of the body; calls that we make ourselves say so in words of their own.
      return error instanceof Error && error.message === 'aborted'
        ? new ProblemError('request_malformed', 'The body broke off.')
        : undefined;
    case 'ERR_SQLITE_ERROR':
      return isBusy(error) ? new ProblemError('unavailable', 'The database is busy; try again.') : undefined;
    default:
      return undefined;
  }
}

/** What is away says so in words of its own: a token store, the exchange records. */
function sentenceOf(message: string): string {
  const sentence = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (error.errcode === 5 || error.errcode === 6);
}
