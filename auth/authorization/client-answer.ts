import { Refusal, UnavailableError } from '#core/errors';
import type { HttpResponse } from '#core/message';
import { reasonOf } from '#core/reasons/catalogue';
import { callerOf } from '../caller.ts';
import { formPostContent } from '../pages/form-post.ts';
import { formTargetOf } from '../pages/page.ts';
import { type AuthorizationPlace, redirectTo, showPage, type Visit } from './place.ts';
import type { AnswerForm } from './request.ts';
import type { Requester } from './requester.ts';

/** To whom an answer goes, and in which form. */
export interface AnswerTarget {
  readonly requester: Requester;
  readonly answer: AnswerForm;
}

type Parameters = readonly (readonly [name: string, value: string])[];

/**
 * Answers the client through the browser (RFC 6749 §4.1.2, OAuth 2.0 Multiple Response Types §2.1, Form Post §2), with `state` as it came and
 * `iss` (RFC 9207 §2).
 */
export function answerClient(
  { requester, answer }: AnswerTarget,
  given: Parameters,
  { tokenProject }: Pick<Visit, 'tokenProject'>,
  place: AuthorizationPlace,
): HttpResponse {
  const { uri } = requester.redirect;
  const parameters: Parameters = [
    ...given,
    ...(answer.state === undefined ? [] : ([['state', answer.state]] as const)),
    ['iss', tokenProject.issuer],
  ];
  const text = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  switch (answer.mode) {
    case 'query':
      return redirectTo(`${uri}${uri.includes('?') ? '&' : '?'}${text}`);
    case 'fragment':
      return redirectTo(`${uri}#${text}`);
    case 'form_post': {
      const target = formTargetOf(uri);
      const application = requester.client.displayName;
      return showPage(
        {
          status: 200,
          heading: `Back to ${application}`,
          content: formPostContent(uri, parameters, application),
          formTargets: target === undefined ? [] : [target],
        },
        place,
      );
    }
  }
}

/** What went wrong, told to the client (RFC 6749 §4.1.2.1) and kept for the operator. Errors of ours stay what they are. */
export function refuseToClient(
  error: unknown,
  target: AnswerTarget,
  visit: Pick<Visit, 'tokenProject'>,
  place: AuthorizationPlace,
): unknown {
  const refusal =
    error instanceof UnavailableError
      ? new Refusal('store_unavailable', { store: place.services.store.kind, detail: error.message })
      : error;
  if (!(refusal instanceof Refusal)) return error;
  const reason = reasonOf(refusal.code);
  const code = reason.oauthError ?? (reason.status === 503 ? 'temporarily_unavailable' : 'server_error');
  const description = reason.title.replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, ' ');
  const { client, subscription } = target.requester;
  const ids = { subscriptionId: subscription.id, productId: subscription.productId, secretId: undefined };
  return new Refusal(
    refusal.code,
    { client: client.displayName, clientName: client.name, ...refusal.facts },
    {
      answer: answerClient(
        target,
        [
          ['error', code],
          ['error_description', description],
        ],
        visit,
        place,
      ),
      caller: callerOf(ids, client, undefined),
    },
  );
}
