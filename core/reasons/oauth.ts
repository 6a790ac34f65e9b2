import { commandLine } from '../shell-word.ts';
import { duration, fact, factLink, instant, number, policyLink, policyPlace, type Reason } from './reason.ts';

/** Refusals of the token end point (RFC 6749 §5.2). */
export const OAUTH_REASONS = {
  /**
   * facts: cause (`unknown_key`, `wrong_secret`, `secret_ended`, `secret_missing`, `secret_checksum`, `client_disabled`, `method_not_allowed`,
   * `subscription_inactive`, `credentials_missing`, `malformed`, `public_client`, `certificate_missing`, `certificate_untrusted`, `certificate_over`, `certificate_other`, `assertion`), detail, client, consumerKey, secret (name), at (epoch ms), by, state, presentedIn
   */
  oauth_invalid_client: {
    status: 401,
    publicCode: 'invalid_client',
    title: 'Client authentication failed.',
    oauthError: 'invalid_client',
    sentence: (c) => {
      switch (c.facts.cause) {
        case 'unknown_key':
          return `There is no consumer key ${fact(c, 'consumerKey')}.`;
        case 'wrong_secret':
          return `Wrong consumer secret for ${fact(c, 'client')} (${fact(c, 'consumerKey')}).`;
        case 'secret_checksum':
          return `The consumer secret sent for ${fact(c, 'client')} (${fact(c, 'consumerKey')}) is mistyped: its checksum does not fit.`;
        case 'secret_ended':
          return `${fact(c, 'client')} used the old secret ${fact(c, 'secret')}, which ended at ${instant(number(c, 'at'))}.`;
        case 'secret_missing':
          return `No consumer secret was sent for ${fact(c, 'consumerKey')}.`;
        case 'public_client':
          return `${fact(c, 'client')} is a public client: it proved nothing, and this grant type needs a client that does.`;
        case 'assertion':
          return `The client assertion of ${fact(c, 'client')} is refused: ${fact(c, 'detail')}.`;
        case 'certificate_missing':
          return `${fact(c, 'client')} needs its client certificate, for itself or for its tokens, and showed none.`;
        case 'certificate_untrusted':
          return `No authority that is believed here issued the certificate that ${fact(c, 'client')} showed.`;
        case 'certificate_over':
          return `The certificate that ${fact(c, 'client')} showed is out of its time.`;
        case 'certificate_other':
          return `${fact(c, 'client')} showed another certificate than it is registered with.`;
        case 'no_secret':
          return `${fact(c, 'client')} has no consumer secret that works.`;
        case 'client_disabled':
          return `Client ${fact(c, 'client')} was disabled by ${fact(c, 'by')} at ${instant(number(c, 'at'))}.`;
        case 'subscription_inactive':
          return `The subscription of ${fact(c, 'client')} is ${fact(c, 'state')} since ${instant(number(c, 'at'))}.`;
        case 'method_not_allowed':
          return `${fact(c, 'client')} sent its credentials in the ${fact(c, 'presentedIn')}; only ${fact(c, 'allowed')} is allowed.`;
        case 'credentials_missing':
          return `No client credentials were sent; they are looked for in the ${fact(c, 'lookedIn')}.`;
        case 'malformed':
          return `The credentials in the ${fact(c, 'presentedIn')} could not be read: ${fact(c, 'detail')}.`;
        default:
          return 'Client authentication failed.';
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
        case 'unknown_key':
          return [
            {
              text: 'Check client_id; list the keys of a client.',
              command: 'gatewright client secrets CLIENT',
              link: '/clients',
            },
          ];
        case 'public_client':
          return [
            { text: 'Let it use the authorization code grant with PKCE.' },
            { text: 'Or register a client that keeps a secret or key.', link: '/clients' },
          ];
        case 'assertion':
          return [
            {
              text: 'Send a fresh JWT: iss and sub the client_id, aud the issuer alone, exp within 10 min, jti never used before (RFC 7523 §3).',
            },
            {
              text: 'See the method and the keys of the client.',
              ...factLink(c, { page: 'clients', fact: 'clientName' }),
            },
          ];
        case 'certificate_missing':
          return [
            { text: 'Call the end point that asks for client certificates, with the certificate.' },
            { text: 'Or do not bind its tokens.', ...factLink(c, { page: 'clients', fact: 'clientName' }) },
          ];
        case 'certificate_untrusted':
          return [
            {
              text: 'Use a certificate of an authority in GATEWRIGHT_GATEWAY_CLIENT_CA_FILE, or add its authority there.',
            },
          ];
        case 'certificate_over':
        case 'certificate_other':
          return [
            {
              text: 'Show the registered certificate, or register the new one.',
              ...factLink(c, { page: 'clients', fact: 'clientName' }),
            },
          ];
        case 'malformed':
          return [
            { text: 'Send "Authorization: Basic " and base64 of client_id:client_secret.' },
            { text: 'See where the policy looks for them.', ...policyLink(c, 'clientCredentialsIn') },
          ];
        case 'method_not_allowed':
        case 'credentials_missing':
          return [
            { text: `Send them in the ${fact(c, 'allowed', fact(c, 'lookedIn', 'header'))}.` },
            {
              text: 'Or allow another place.',
              command: commandLine`gatewright policy set ${policyPlace(c)} clientCredentialsIn.body=true`,
              ...policyLink(c, 'clientCredentialsIn'),
            },
          ];
        default:
          return [
            {
              text: 'Give the client its newest secret, or make a new one; the old one goes on working meanwhile.',
              command: commandLine`gatewright client rotate ${fact(c, 'clientName', 'CLIENT')} --keep-old 24h --out .env`,
              ...factLink(c, { page: 'clients', fact: 'clientName' }),
            },
          ];
      }
    },
  },
  /** facts: grantType, allowed */
  oauth_grant_off: {
    status: 400,
    publicCode: 'unsupported_grant_type',
    title: 'This grant type is not offered here.',
    oauthError: 'unsupported_grant_type',
    sentence: (c) => `grant_type "${fact(c, 'grantType')}" is not among those of the policy: ${fact(c, 'allowed')}.`,
    fixes: (c) => [
      { text: `Use ${fact(c, 'allowed')}.` },
      { text: 'See the grant types that the policy offers.', ...policyLink(c, 'grantTypes') },
    ],
  },
  /** facts: requested, registered, match, client, subscription */
  oauth_scope: {
    status: 400,
    publicCode: 'invalid_scope',
    title: 'The requested scope is not allowed.',
    oauthError: 'invalid_scope',
    sentence: (c) =>
      `${fact(c, 'client')} asked for ${fact(c, 'requested')}; ${c.facts.match === 'all' ? 'every one must be registered' : 'none of it is registered'}. Registered: ${fact(c, 'registered', 'none')}.`,
    fixes: (c) => [
      { text: 'Ask for registered scopes only, or for none to get the defaults.' },
      {
        text: 'Or register the scope.',
        command: commandLine`gatewright subscription set ${fact(c, 'subscription', 'SUBSCRIPTION')} scopes=${fact(c, 'requested')}`,
        ...factLink(c, { page: 'subscriptions', fact: 'subscription', field: 'scopes' }),
      },
    ],
  },
  /** facts: parameter, problem (`missing`, `twice`, `different`, `malformed`, `media_type`, `two_methods`, `too_many`, `in_query`, `other_client`), lookedIn */
  oauth_request: {
    status: 400,
    publicCode: 'invalid_request',
    title: 'The token request is not valid.',
    oauthError: 'invalid_request',
    sentence: (c) => {
      const parameter = fact(c, 'parameter', 'a parameter');
      switch (c.facts.problem) {
        case 'missing':
          return `Parameter ${parameter} is missing; it was looked for in the ${fact(c, 'lookedIn', 'form body')}.`;
        case 'twice':
          return `Parameter ${parameter} occurs more than once.`;
        case 'different':
          return `Parameter ${parameter} stands in query and body with different values.`;
        case 'media_type':
          return `The body must be application/x-www-form-urlencoded, it was ${fact(c, 'mediaType', 'not named')}.`;
        case 'two_methods':
          return 'The client proved itself in two ways in one request (RFC 6749 §2.3).';
        case 'other_client':
          return `Parameter ${parameter} names another client than the credentials.`;
        case 'too_many':
          return `More than ${fact(c, 'limit')} parameters were sent.`;
        case 'in_query':
          return `Parameter ${parameter} was sent in the query, where it may be logged by others; it is read from the form body.`;
        default:
          return `Parameter ${parameter} is malformed${c.facts.detail === undefined ? '.' : `: ${fact(c, 'detail')}.`}`;
      }
    },
    fixes: (c) =>
      c.facts.problem === 'in_query'
        ? [
            { text: 'Send it in the form body.' },
            {
              text: 'Or read credentials from the query too (RFC 6749 §2.3.1 says not to).',
              command: commandLine`gatewright policy set ${policyPlace(c)} clientCredentialsIn.query=true`,
              ...policyLink(c, 'clientCredentialsIn'),
            },
          ]
        : [
            { text: 'Send POST with grant_type, client_id and client_secret once each in a form body.' },
            { text: 'See what the policy reads, and where.', ...policyLink(c, 'clientCredentialsIn') },
          ],
  },
  /** facts: limit, windowMs, address, consumerKey, retryAfterMs */
  client_auth_limited: {
    status: 429,
    publicCode: 'too_many_requests',
    title: 'Too many failed tries. Wait and try again.',
    oauthError: 'invalid_client',
    sentence: (c) =>
      `More than ${fact(c, 'limit')} failed client authentications within ${duration(number(c, 'windowMs'))} for ${fact(c, 'consumerKey')} from ${fact(c, 'address')}. The key itself is not locked for others.`,
    fixes: (c) => [
      {
        text: 'Give the client its right secret; the limit ends by itself.',
        ...factLink(c, { page: 'clients', fact: 'clientName' }),
      },
    ],
  },
  /** facts: limit, retryAfterMs, client */
  issue_limited: {
    status: 429,
    publicCode: 'too_many_requests',
    title: 'Too many token requests. Reuse tokens until they expire.',
    oauthError: 'temporarily_unavailable',
    sentence: (c) => `${fact(c, 'client')} asked for more than ${fact(c, 'limit')} tokens in a second.`,
    fixes: () => [
      { text: 'The client should keep a token until it expires.' },
      { text: 'Or raise limits.issuePerSecond (GATEWRIGHT_LIMITS_ISSUE_PER_SECOND).' },
    ],
  },
  /** facts: limit, client */
  live_tokens_limited: {
    status: 429,
    publicCode: 'too_many_requests',
    title: 'Too many live tokens. Reuse tokens until they expire.',
    oauthError: 'temporarily_unavailable',
    sentence: (c) => `${fact(c, 'client')} has ${fact(c, 'limit')} tokens that have not expired.`,
    fixes: () => [
      { text: 'The client should keep a token until it expires.' },
      { text: 'Or raise limits.liveTokens (GATEWRIGHT_LIMITS_LIVE_TOKENS), or shorten the expiry.' },
    ],
  },
} as const satisfies Record<string, Reason>;
