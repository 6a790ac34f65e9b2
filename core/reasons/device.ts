import { duration, fact, instant, number, policyLink, type Reason } from './reason.ts';

/** Answers to a device that waits for its resource owner (RFC 8628 §3.5), and refusals of a token exchange (RFC 8693 §2.2.2). */
export const DEVICE_REASONS = {
  /** facts: client, endsAt (epoch ms) */
  oauth_device_pending: {
    status: 400,
    publicCode: 'authorization_pending',
    title: 'The resource owner has not decided yet.',
    oauthError: 'authorization_pending',
    sentence: (c) =>
      `${fact(c, 'client')} waits for somebody to enter its user code; it has until ${instant(number(c, 'endsAt'))}.`,
    fixes: () => [{ text: 'Nothing is wrong: the device asks again after the interval that it was told.' }],
  },
  /** facts: client, pollMs (the new interval), sinceMs */
  oauth_slow_down: {
    status: 400,
    publicCode: 'slow_down',
    title: 'The device asks too often.',
    oauthError: 'slow_down',
    sentence: (c) =>
      `${fact(c, 'client')} asked again after ${duration(number(c, 'sinceMs'))}; it must wait ${duration(number(c, 'pollMs'))} from now on.`,
    fixes: (c) => [
      { text: 'Let the device add 5 s to its interval at each slow_down (RFC 8628 §3.5).' },
      { text: 'Or shorten the interval of the end point.', ...policyLink(c, 'devicePollMs') },
    ],
  },
  /** facts: client */
  oauth_access_denied: {
    status: 400,
    publicCode: 'access_denied',
    title: 'The resource owner refused.',
    oauthError: 'access_denied',
    sentence: (c) => `The resource owner refused what ${fact(c, 'client')} asked for.`,
    fixes: () => [{ text: 'Ask them, and let the device begin anew.' }],
  },
  /** facts: client, endedAt (epoch ms) */
  oauth_device_expired: {
    status: 400,
    publicCode: 'expired_token',
    title: 'The device code has ended.',
    oauthError: 'expired_token',
    sentence: (c) => `The device code of ${fact(c, 'client')} ended at ${instant(number(c, 'endedAt'))}, undecided.`,
    fixes: (c) => [
      { text: 'Let the device begin anew.' },
      { text: 'Or give people more time.', ...policyLink(c, 'deviceCodeExpiryMs') },
    ],
  },
  /** facts: client, cause (`not_known`, `not_live`, `not_yours`, `bound`), tokenType */
  oauth_exchange: {
    status: 400,
    publicCode: 'invalid_request',
    title: 'The token cannot be exchanged.',
    oauthError: 'invalid_request',
    sentence: (c) => {
      const client = fact(c, 'client');
      switch (c.facts.cause) {
        case 'not_known':
          return `The ${fact(c, 'parameter')} that ${client} sent was not issued here.`;
        case 'not_live':
          return `The ${fact(c, 'parameter')} that ${client} sent is no longer good.`;
        case 'not_yours':
          return `The ${fact(c, 'parameter')} that ${client} sent is neither its own nor meant for its product.`;
        case 'bound':
          return `The ${fact(c, 'parameter')} is bound to a certificate that ${client} did not show.`;
        default:
          return `${client} sent a token that cannot be exchanged.`;
      }
    },
    fixes: (c) =>
      c.facts.cause === 'not_yours'
        ? [
            { text: 'Subscribe the client to the product for which the token was issued.' },
            { text: 'Or have the token issued with the client as its audience (resource or audience parameter).' },
          ]
        : [{ text: 'Get a new token, and exchange that one.' }],
  },
  /** facts: client, requested, allowed */
  oauth_target: {
    status: 400,
    publicCode: 'invalid_target',
    title: 'A token for this audience cannot be had here.',
    oauthError: 'invalid_target',
    sentence: (c) =>
      `${fact(c, 'client')} asked for a token for ${fact(c, 'requested')}; its product has ${fact(c, 'allowed', 'no such project')}.`,
    fixes: (c) => [
      { text: `Ask for one of ${fact(c, 'allowed', 'the projects of its product')}.` },
      { text: 'Or add the project to the product.' },
    ],
  },
} as const satisfies Readonly<Record<string, Reason>>;
