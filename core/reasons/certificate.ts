import { fact, factLink, type Reason } from './reason.ts';

/** Refusals over client certificates (RFC 8705). */
export const CERTIFICATE_REASONS = {
  /** facts: host, serverName */
  host_misdirected: {
    status: 421,
    publicCode: 'host_misdirected',
    title: 'This connection was opened for another host.',
    sentence: (c) =>
      `A client certificate was shown on a connection for ${fact(c, 'serverName')}, and the request is for ${fact(c, 'host')}.`,
    fixes: () => [
      {
        text: 'Open a connection of its own to each host; the name in the TLS handshake (SNI) is that of the Host field.',
      },
    ],
  },
  /** facts: problem (`missing`, `other`), token (first 8 hex digits of its hash), client, clientName */
  token_certificate: {
    status: 401,
    publicCode: 'invalid_token',
    title: 'The access token is not valid.',
    bearer: 'invalid_token',
    sentence: (c) =>
      `The token (${fact(c, 'token')}) of ${fact(c, 'client')} is bound to a certificate, and ${c.facts.problem === 'missing' ? 'none was shown' : 'another one was shown'}.`,
    fixes: (c) => [
      { text: 'Call with the client certificate with which the token was got (RFC 8705 §3).' },
      {
        text: 'Or do not bind the tokens of this client.',
        ...factLink(c, { page: 'clients', fact: 'clientName', field: 'certificateBound' }),
      },
    ],
  },
} as const satisfies Record<string, Reason>;
