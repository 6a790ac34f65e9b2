import { commandLine } from '../shell-word.ts';
import {
  duration,
  fact,
  factLink,
  instant,
  linkTo,
  number,
  policyLink,
  type Reason,
  type ReasonContext,
} from './reason.ts';

const seeClient = (context: ReasonContext) => ({
  text: 'See the client.',
  ...factLink(context, { page: 'clients', fact: 'clientName' }),
});
const beginAgain = { text: 'Go back to the application and begin again.' };

/** Refusals of the authorization end point and its pages (RFC 6749 §4.1.2.1, RFC 9126 §2.3). */
export const AUTHORIZATION_REASONS = {
  /**
   * facts: parameter, problem (`missing`, `twice`, `malformed`, `not_offered`, `too_long`, `challenge_missing`, `challenge_plain`), detail, client,
   * offered
   */
  authorization_request: {
    status: 400,
    publicCode: 'invalid_request',
    title: 'The authorization request is not valid.',
    oauthError: 'invalid_request',
    sentence: (c) => {
      const parameter = fact(c, 'parameter', 'a parameter');
      switch (c.facts.problem) {
        case 'missing':
          return `Parameter ${parameter} of the authorization request is missing.`;
        case 'twice':
          return `Parameter ${parameter} of the authorization request occurs more than once.`;
        case 'not_offered':
          return `${parameter} "${fact(c, 'detail')}" is not offered here; offered: ${fact(c, 'offered', 'none')}.`;
        case 'too_long':
          return `The authorization request is longer than ${fact(c, 'limit')} bytes.`;
        case 'challenge_missing':
          return `${fact(c, 'client')} sent no code_challenge, which it needs here (RFC 7636).`;
        case 'challenge_plain':
          return 'code_challenge_method has to be S256; "plain", which is meant when it is left out, is not taken.';
        default:
          return `Parameter ${parameter} of the authorization request is malformed${c.facts.detail === undefined ? '.' : `: ${fact(c, 'detail')}.`}`;
      }
    },
    fixes: (c) => [
      { text: 'Mend the request that the application makes.' },
      { text: 'See what the policy takes.', ...policyLink(c, 'responseTypes') },
    ],
  },
  /** facts: cause (`unknown_key`, `client_disabled`, `subscription_inactive`), consumerKey, client, clientName, subscription, state, at, by */
  authorization_client: {
    status: 400,
    publicCode: 'unauthorized_client',
    title: 'This application is not known here, or may not sign people in at present.',
    oauthError: 'unauthorized_client',
    sentence: (c) => {
      switch (c.facts.cause) {
        case 'client_disabled':
          return `Client ${fact(c, 'client')} was disabled by ${fact(c, 'by')} at ${instant(number(c, 'at'))}.`;
        case 'subscription_inactive':
          return `The subscription of ${fact(c, 'client')} is ${fact(c, 'state')} since ${instant(number(c, 'at'))}.`;
        default:
          return `There is no consumer key ${fact(c, 'consumerKey')}; client_id has to be one.`;
      }
    },
    fixes: (c) => {
      switch (c.facts.cause) {
        case 'client_disabled':
          return [
            {
              text: 'Enable the client again.',
              command: commandLine`gatewright client enable ${fact(c, 'clientName', 'CLIENT')}`,
              ...factLink(c, { page: 'clients', fact: 'clientName' }),
            },
          ];
        case 'subscription_inactive':
          return [
            {
              text: 'Resume or renew the subscription.',
              command: commandLine`gatewright subscription resume ${fact(c, 'subscription', 'SUBSCRIPTION')}`,
              ...factLink(c, { page: 'subscriptions', fact: 'subscription' }),
            },
          ];
        default:
          return [
            {
              text: 'Check client_id; list the keys of a client.',
              command: 'gatewright client secrets CLIENT',
              link: '/clients',
            },
          ];
      }
    },
  },
  /** facts: redirectUri, registered, client, clientName, problem (`missing`, `unknown`) */
  redirect_uri_unknown: {
    status: 400,
    publicCode: 'invalid_request',
    title: 'The address to go back to is not registered for this application.',
    oauthError: 'invalid_request',
    sentence: (c) =>
      c.facts.problem === 'missing'
        ? `${fact(c, 'client')} sent no redirect_uri, and not exactly one is registered: ${fact(c, 'registered', 'none')}.`
        : `redirect_uri ${fact(c, 'redirectUri')} is not, letter by letter, one of those registered for ${fact(c, 'client')}: ${fact(c, 'registered', 'none')}.`,
    fixes: (c) => [
      { text: 'Send a registered redirect_uri, exactly as it is registered.' },
      {
        text: 'Or register it, if it is the application’s own.',
        command: commandLine`gatewright client set ${fact(c, 'clientName', 'CLIENT')} redirectUris=${fact(c, 'redirectUri', 'URI')}`,
        ...factLink(c, { page: 'clients', fact: 'clientName', field: 'redirectUris' }),
      },
    ],
  },
  /** facts: responseType, offered, client */
  response_type_off: {
    status: 400,
    publicCode: 'unsupported_response_type',
    title: 'This response type is not offered here.',
    oauthError: 'unsupported_response_type',
    sentence: (c) =>
      `response_type "${fact(c, 'responseType')}" is not among those of the policy: ${fact(c, 'offered')}.`,
    fixes: (c) => [
      { text: `Use ${fact(c, 'offered')}.` },
      { text: 'See the response types that the policy offers.', ...policyLink(c, 'responseTypes') },
    ],
  },
  /** facts: resource, detail */
  resource_invalid: {
    status: 400,
    publicCode: 'invalid_target',
    title: 'The requested resource is not valid.',
    oauthError: 'invalid_target',
    sentence: (c) => `resource "${fact(c, 'resource')}" cannot be taken: ${fact(c, 'detail', 'it is malformed')}.`,
    fixes: () => [{ text: 'Send an absolute URI without fragment for each resource (RFC 8707 §2).' }],
  },
  /** facts: consumerKey */
  pushed_request_unknown: {
    status: 400,
    publicCode: 'invalid_request_uri',
    title: 'This request has ended or was used already.',
    oauthError: 'invalid_request_uri',
    sentence: (c) =>
      `request_uri of ${fact(c, 'consumerKey')} is none that can be used: it was used before, it is older than its life, or it belongs to another client.`,
    fixes: () => [beginAgain, { text: 'A pushed request is good once (RFC 9126 §4): push a new one for each.' }],
  },
  /** facts: client */
  pushed_request_needed: {
    status: 400,
    publicCode: 'invalid_request',
    title: 'The authorization request has to be pushed first.',
    oauthError: 'invalid_request',
    sentence: (c) =>
      `${fact(c, 'client')} sent its parameters through the browser; only pushed requests are taken here (RFC 9126 §4).`,
    fixes: (c) => [
      { text: 'Push the request and send the request_uri.' },
      { text: 'Or take requests that were not pushed.', ...policyLink(c, 'requirePushedRequest') },
    ],
  },
  /** facts: directory, client */
  sign_in_failed: {
    status: 403,
    publicCode: 'sign_in_failed',
    title: 'The user name or password is wrong.',
    oauthError: 'access_denied',
    sentence: (c) => `A sign-in at directory ${fact(c, 'directory')} failed: no such name, or another password.`,
    fixes: (c) => [
      { text: 'Try again, or set a new password.' },
      { text: 'See the directories of the policy.', ...policyLink(c, 'directories') },
    ],
  },
  /** facts: directory */
  owner_disabled: {
    status: 403,
    publicCode: 'account_disabled',
    title: 'This account is disabled.',
    oauthError: 'access_denied',
    sentence: (c) => `A disabled resource owner of directory ${fact(c, 'directory')} tried to sign in.`,
    fixes: (c) => [
      { text: 'Enable the account, if it may sign in again.', ...linkTo(['directories', fact(c, 'directory', '')]) },
    ],
  },
  /** facts: address, retryAfterMs, per (`name`, `client`, `address`, `directory`) */
  sign_in_limited: {
    status: 429,
    publicCode: 'too_many_requests',
    title: 'Too many failed sign-ins. Wait and try again.',
    oauthError: 'temporarily_unavailable',
    sentence: (c) =>
      `Too many failed sign-ins from ${fact(c, 'address')}, counted for the ${fact(c, 'per', 'name')}; the next try is taken in ${duration(number(c, 'retryAfterMs'))}.`,
    fixes: (c) => [
      { text: 'Wait; the limit ends by itself.' },
      { text: 'See the limit of the policy.', ...policyLink(c, 'failedSignInLimit') },
    ],
  },
  /** facts: client, clientName */
  consent_denied: {
    status: 403,
    publicCode: 'access_denied',
    title: 'The request was denied.',
    oauthError: 'access_denied',
    sentence: (c) => `The resource owner did not allow ${fact(c, 'client')} what it asked for.`,
    fixes: (c) => [{ text: 'Nothing is wrong: people may say no.' }, seeClient(c)],
  },
  /** facts: problem (`ended`, `other_browser`, `token`, `other_site`, `no_session`) */
  page_outdated: {
    status: 403,
    publicCode: 'page_outdated',
    title: 'This page is no longer good. Go back to the application and begin again.',
    oauthError: 'access_denied',
    sentence: (c) => {
      switch (c.facts.problem) {
        case 'other_browser':
          return 'The page was opened in a browser other than the one that began, or its cookies are off.';
        case 'token':
          return 'The form lacked the token of its page: another site may have made it (CSRF), or the sign-in has changed since.';
        case 'other_site':
          return `The form was sent by another site (Sec-Fetch-Site: ${fact(c, 'site')}).`;
        case 'no_session':
          return 'Nobody is signed in any more in the browser that sent the form.';
        default:
          return 'The page was used already, or it is older than a quarter of an hour.';
      }
    },
    fixes: () => [beginAgain, { text: 'Allow cookies for the address of the sign-in pages.' }],
  },
  /** facts: tokenProject, directory, detail */
  authorization_not_ready: {
    status: 503,
    publicCode: 'temporarily_unavailable',
    title: 'Signing in is not possible at present. Try again later.',
    oauthError: 'temporarily_unavailable',
    sentence: (c) => {
      if (c.facts.tokenProject !== undefined)
        return `Token end point project ${fact(c, 'tokenProject')} is not deployed in ${c.serverGroup}: the authorization end point shares its issuer.`;
      if (c.facts.directory !== undefined)
        return `Directory ${fact(c, 'directory')} could not be asked: ${fact(c, 'detail', 'no answer')}.`;
      return 'None of the directories of the policy exists and is on.';
    },
    fixes: (c) =>
      c.facts.tokenProject === undefined
        ? [{ text: 'See the directories of the policy.', ...policyLink(c, 'directories') }]
        : [
            {
              text: 'Deploy it.',
              command: commandLine`gatewright deploy ${fact(c, 'tokenProject', 'PROJECT')} --to ${c.serverGroup || 'local'}`,
              ...linkTo(['projects', fact(c, 'tokenProject', '')]),
            },
            { text: 'Or name another one.', ...policyLink(c, 'tokenProject') },
          ],
  },
} as const satisfies Record<string, Reason>;
