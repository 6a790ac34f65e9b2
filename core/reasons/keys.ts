import { fact, instant, number, policyLink, type Reason } from './reason.ts';

/** Refusals that have to do with the keys of somebody else, and with whom a token is for. */
export const KEY_REASONS = {
  /** facts: issuer, token (prefix), cause (see auth/keys/jwt-problem.ts), detail, at (its end, epoch ms) */
  token_foreign: {
    status: 401,
    publicCode: 'invalid_token',
    title: 'The access token is not valid.',
    bearer: 'invalid_token',
    sentence: (c) =>
      c.facts.cause === 'expired'
        ? `The token of ${fact(c, 'issuer')} expired at ${instant(number(c, 'at'))}.`
        : `The JWT is no token of ${fact(c, 'issuer')} that may be used here: ${fact(c, 'detail')}.`,
    fixes: (c) => [
      { text: `Get a token from ${fact(c, 'issuer', 'the issuer')} that is meant for this API.` },
      {
        text: 'Compare it with what the policy expects of issuer, audience and algorithm.',
        ...policyLink(c, 'foreign'),
      },
    ],
  },
  /** facts: token (prefix), audience (of the token), expected */
  token_audience: {
    status: 401,
    publicCode: 'invalid_token',
    title: 'The access token is not valid.',
    bearer: 'invalid_token',
    sentence: (c) => `The token is for ${fact(c, 'audience')}; this API is ${fact(c, 'expected')}.`,
    fixes: (c) => [
      { text: `Ask for a token with resource=${fact(c, 'expected')} (RFC 8707), or with none.` },
      { text: 'Or set the audience of the policy.', ...policyLink(c, 'audience') },
    ],
  },
  /** facts: url, detail */
  key_set_unavailable: {
    status: 503,
    publicCode: 'temporarily_unavailable',
    title: 'This cannot be checked at the moment; try again later.',
    oauthError: 'temporarily_unavailable',
    sentence: (c) => `The key set ${fact(c, 'url')} cannot be had: ${fact(c, 'detail')}`,
    fixes: () => [
      { text: 'See whether the address answers from the machine of this gateway.' },
      {
        text: 'An address on this machine must be allowed: GATEWRIGHT_OUTBOUND_ALLOW.',
        command: 'gatewright doctor',
      },
    ],
  },
} as const satisfies Record<string, Reason>;
