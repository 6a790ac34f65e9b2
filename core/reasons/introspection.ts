import { fact, policyLink, type Reason } from './reason.ts';

/** Refusals of the end points that tell of tokens, and of those of others that are asked. */
export const INTROSPECTION_REASONS = {
  /** facts: token (first 8 hex digits of its hash), cause (`unknown`, `expired`, `revoked`, `other_issuer`, …) */
  oauth_token_information: {
    status: 400,
    publicCode: 'invalid_token',
    title: 'The access token is not valid.',
    oauthError: 'invalid_token',
    sentence: (c) => `Token information was asked for ${fact(c, 'token')}, which is not active: ${fact(c, 'cause')}.`,
    fixes: (c) => [
      { text: 'Ask with a token that has not expired, of this end point.' },
      { text: 'Token information tells anybody. Prefer introspection.', ...policyLink(c, 'tokenInformation') },
    ],
  },
  /** facts: issuer, token (prefix) */
  token_inactive: {
    status: 401,
    publicCode: 'invalid_token',
    title: 'The access token is not valid.',
    bearer: 'invalid_token',
    sentence: (c) =>
      `${fact(c, 'issuer')} says that its token ${fact(c, 'token')} is not active: it expired, was revoked, or never was one.`,
    fixes: (c) => [
      { text: `Get a new token from ${fact(c, 'issuer', 'the issuer')}.` },
      {
        text: 'See whether the client ID of the policy may ask about tokens for this API.',
        ...policyLink(c, 'foreign'),
      },
    ],
  },
  /** facts: url, detail */
  introspection_unavailable: {
    status: 503,
    publicCode: 'temporarily_unavailable',
    title: 'This cannot be checked at the moment; try again later.',
    sentence: (c) => `The introspection end point ${fact(c, 'url')} gave no verdict: ${fact(c, 'detail')}.`,
    fixes: (c) => [
      { text: 'See whether the address answers from the machine of this gateway.' },
      { text: 'Check client ID and secret of the policy.', ...policyLink(c, 'foreign') },
      {
        text: 'An address on this machine must be allowed: GATEWRIGHT_OUTBOUND_ALLOW.',
        command: 'gatewright doctor',
      },
    ],
  },
} as const satisfies Record<string, Reason>;
