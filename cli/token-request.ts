import { CliError } from './cli-error.ts';
import { EXIT } from './exit-code.ts';
import { type HttpAnswer, HttpFailure, send } from './http.ts';
import { isUntrusted, reason, TRUST_FIXES } from './problem-error.ts';

/** Consumer key and secret. */
export interface Credentials {
  readonly consumerKey: string;
  readonly consumerSecret: string;
}

/** What a token end point answered. */
export interface TokenAnswer {
  readonly accessToken: string;
  readonly expiresIn: number;
  readonly requestId: string | undefined;
}

const TIMEOUT_MS = 30_000;

/**
 * Gets a token with the client credentials in the form body (RFC 6749 §4.4).
 * @throws CliError with the reason that the end point gave
 */
export async function requestToken(
  tokenUrl: string,
  { consumerKey, consumerSecret }: Credentials,
  scope?: string,
): Promise<TokenAnswer> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: consumerKey,
    client_secret: consumerSecret,
  });
  if (scope !== undefined) form.set('scope', scope);
  const answer = await sendToGateway({
    method: 'POST',
    url: new URL(tokenUrl),
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: form.toString(),
  });
  const requestId = requestIdOf(answer);
  const body = parseAnswer(answer.body);
  if (answer.status !== 200 || typeof body.access_token !== 'string') {
    const words = [body.error, body.error_description, body.title]
      .filter((part) => typeof part === 'string')
      .join(': ');
    throw new CliError(`The token end point answered ${answer.status}${words === '' ? '.' : `: ${words}`}`, {
      exit: EXIT.refused,
      code: typeof body.error === 'string' ? body.error : 'token_refused',
      requestId,
      fixes: requestId === undefined ? [] : [{ text: 'See why.', command: `gatewright why ${requestId}` }],
    });
  }
  return { accessToken: body.access_token, expiresIn: Number(body.expires_in ?? 0), requestId };
}

/** Sends a request to a gateway. @throws CliError (unreachable) */
export async function sendToGateway(request: {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}): Promise<HttpAnswer> {
  try {
    return await send({ ...request, timeoutMs: TIMEOUT_MS });
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    throw new CliError(`The gateway at ${request.url.origin} did not answer: ${reason(error)}`, {
      exit: EXIT.unreachable,
      fixes: isUntrusted(error) ? TRUST_FIXES : [{ text: 'See which gateways run.', command: 'gatewright status' }],
      cause: error,
    });
  }
}

/** The request id of an answer, for `why`. */
export function requestIdOf({ headers }: HttpAnswer): string | undefined {
  const id = headers['x-request-id'];
  return typeof id === 'string' ? id : undefined;
}

function parseAnswer(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
