import type { Refusal } from '#core/errors';
import { HeaderList } from '#core/headers';
import type { HttpResponse } from '#core/message';
import { PROBLEM_MEDIA_TYPE } from '#core/problem';
import { reasonOf } from '#core/reasons/catalogue';
import type { Reason, ReasonContext } from '#core/reasons/reason';
import { renderFault, type SoapVersion } from './soap-fault.ts';

/** What a refusal's answer depends on beside the refusal. */
export interface RefusalPlace {
  readonly requestId: string;
  /** *Error detail: Verbose* of the server group: fine code and operator's sentence (decision 30). */
  readonly verbose: boolean;
  /** True in a project of kind oauth-token-endpoint: RFC 6749 §5.2 is the form of its errors. */
  readonly tokenEndpoint: boolean;
  /** Set when the caller speaks SOAP: it gets a fault. */
  readonly soap?: SoapVersion | undefined;
  /** Names around the exchange, for sentences. `facts` are the refusal's own. */
  readonly context: Omit<ReasonContext, 'facts'>;
}

/** The answer to a refused call, without X-Request-Id (every answer gets that). Never holds a stack. */
export function renderRefusal(refusal: Refusal, place: RefusalPlace): HttpResponse {
  const reason = reasonOf(refusal.code);
  if (refusal.answer !== undefined) return refusal.answer;
  const headers = new HeaderList();
  const body =
    place.tokenEndpoint && reason.oauthError !== undefined
      ? renderOAuthError(refusal, reason, place, headers)
      : renderProblem(refusal, reason, place, headers);
  const retryAfter = retryAfterOf(refusal, reason);
  if (retryAfter !== undefined) headers.set('Retry-After', retryAfter);
  for (const [name, value] of Object.entries(refusal.headers ?? {})) headers.set(name, value);
  headers.set('Content-Length', String(Buffer.byteLength(body)));
  return { status: reason.status, headers, body };
}

function renderProblem(refusal: Refusal, reason: Reason, place: RefusalPlace, headers: HeaderList): string {
  const { requestId, soap, verbose } = place;
  const { status, title } = reason;
  const code = verbose ? refusal.code : reason.publicCode;
  const detail = verbose ? sentenceOf(refusal, reason, place) : undefined;
  const fault = soap === undefined ? undefined : renderFault(soap, { status, code, title, detail, requestId });
  headers.add('Content-Type', fault?.contentType ?? PROBLEM_MEDIA_TYPE);
  headers.add('Cache-Control', 'no-store');
  if (reason.bearer !== undefined) headers.add('WWW-Authenticate', bearerChallenge(refusal, reason, place));
  if (fault !== undefined) return fault.body;
  const type = `/errors/${code}`;
  return JSON.stringify({ type, title, status, code, ...(detail !== undefined && { detail }), requestId });
}

/** RFC 6749 §5.2; §5.1 forbids caching. */
function renderOAuthError(refusal: Refusal, reason: Reason, place: RefusalPlace, headers: HeaderList): string {
  headers.add('Content-Type', 'application/json');
  headers.add('Cache-Control', 'no-store');
  headers.add('Pragma', 'no-cache');
  if (reason.status === 401) headers.add('WWW-Authenticate', `Basic realm="${quotable(realmOfPlace(place))}"`);
  return JSON.stringify({
    error: reason.oauthError,
    error_description: quotable(place.verbose ? sentenceOf(refusal, reason, place) : reason.title),
    error_uri: `/errors/${place.verbose ? refusal.code : reason.publicCode}`,
  });
}

/** RFC 6750 §3: without a token the realm only, else error, description and, when asked for, scope. */
function bearerChallenge(refusal: Refusal, reason: Reason, place: RefusalPlace): string {
  const { realm, ...attributes } = refusal.challenge ?? {};
  const parts = [`realm="${quotable(realm ?? realmOfPlace(place))}"`];
  if (reason.bearer !== 'bare') {
    parts.push(`error="${reason.bearer}"`, `error_description="${quotable(reason.title.replace(/\.$/, ''))}"`);
    for (const [name, value] of Object.entries(attributes)) parts.push(`${name}="${quotable(value)}"`);
  } else if (attributes.scope !== undefined) parts.push(`scope="${quotable(attributes.scope)}"`);
  return `Bearer ${parts.join(', ')}`;
}

function realmOfPlace({ context }: RefusalPlace): string {
  return /^[\x20-\x7E]+$/.test(context.projectTitle) ? context.projectTitle : context.project;
}

function sentenceOf(refusal: Refusal, reason: Reason, place: RefusalPlace): string {
  return reason.sentence({ ...place.context, facts: refusal.facts });
}

function retryAfterOf(refusal: Refusal, reason: Reason): string | undefined {
  const { retryAfterMs } = refusal.facts;
  if (typeof retryAfterMs === 'number') return String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
  return reason.status === 503 ? '1' : undefined;
}

/** RFC 6749 §5.2 and RFC 6750 §3 allow %x20-21 / %x23-5B / %x5D-7E in descriptions. */
function quotable(text: string): string {
  return text.replaceAll('"', "'").replace(/[^\x20-\x5B\x5D-\x7E]/g, ' ');
}
