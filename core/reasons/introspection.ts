import { fact, policyLink, type Reason } from './reason.ts';

/** Refusals of the end points that tell of tokens. */
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
} as const satisfies Record<string, Reason>;
