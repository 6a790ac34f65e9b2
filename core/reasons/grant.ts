import { fact, factLink, instant, number, policyLink, type Reason, type ReasonContext } from './reason.ts';

const newGrant = { text: 'Let the client ask for authorization again.' };
const lookAtClient = (context: ReasonContext) => ({
  text: 'See the client.',
  ...factLink(context, { page: 'clients', fact: 'clientName' }),
});

/** Grants that were presented at the token end point and refused (RFC 6749 §5.2 invalid_grant). */
export const GRANT_REASONS = {
  /**
   * facts: cause (`code_not_known`, `device_unknown`, `code_expired`, `code_replayed`, `refresh_not_known`, `refresh_expired`, `refresh_reused`, `revoked`,
   * `other_client`, `other_issuer`, `other_certificate`, `redirect_uri`, `verifier_missing`, `verifier_unexpected`, `verifier_malformed`,
   * `verifier_wrong`, `owner_disabled`, `inactive`, `password_wrong`, `assertion`, `assertion`), client, clientName, by, at (epoch ms), reason, standing, grant, detail
   */
  oauth_grant: {
    status: 400,
    publicCode: 'invalid_grant',
    title: 'The authorization grant is not valid, was revoked, or belongs to another client.',
    oauthError: 'invalid_grant',
    sentence: (c) => {
      const client = fact(c, 'client');
      const at = instant(number(c, 'at'));
      switch (c.facts.cause) {
        case 'code_not_known':
          return `${client} sent an authorization code that was not issued here, or ended long ago.`;
        case 'device_unknown':
          return `${client} sent a device code that was not issued here, was used before, or ended long ago.`;
        case 'code_expired':
          return `${client} sent its authorization code too late: it ended at ${at}.`;
        case 'code_replayed':
          return `The authorization code that ${client} sent had been used before: everything that came from it is revoked.`;
        case 'refresh_not_known':
          return `${client} sent a refresh token that was not issued here, or ended long ago.`;
        case 'refresh_expired':
          return `The refresh token of ${client} ended at ${at}.`;
        case 'refresh_reused':
          return `The refresh token that ${client} sent had been used before: everything that came from it is revoked.`;
        case 'revoked':
          return `What ${client} was granted was revoked by ${fact(c, 'by')} at ${at}.`;
        case 'other_client':
          return `${client} sent a code or refresh token that was issued to another client.`;
        case 'other_issuer':
          return `${client} sent a code or refresh token of another token end point.`;
        case 'other_certificate':
          return `The refresh token of ${client} is bound to another certificate than the one it showed.`;
        case 'redirect_uri':
          return `The redirect_uri that ${client} sent is not the one of its authorization request.`;
        case 'verifier_missing':
          return `${client} began with a code challenge and sent no code_verifier (RFC 7636).`;
        case 'verifier_unexpected':
          return `${client} sent a code_verifier, but began without a code challenge.`;
        case 'verifier_malformed':
          return `The code_verifier of ${client} is not 43 to 128 unreserved characters.`;
        case 'verifier_wrong':
          return `The code_verifier of ${client} does not fit its code challenge.`;
        case 'owner_disabled':
          return `The resource owner behind the grant of ${client} is disabled.`;
        case 'inactive':
          return `The ${fact(c, 'standing')} behind the grant of ${client} is not active.`;
        case 'assertion':
          return `The assertion that ${client} sent is refused: ${fact(c, 'detail')}.`;
        case 'password_wrong':
          return `Wrong name or password of a resource owner, sent by ${client}.`;
        default:
          return `${client} sent a grant that is not valid${c.facts.detail === undefined ? '.' : `: ${fact(c, 'detail')}.`}`;
      }
    },
    fixes: (c) => {
      switch (c.facts.cause) {
        case 'code_replayed':
        case 'refresh_reused':
          return [
            { text: 'Find out who sent it twice: a retry of the client, or somebody who stole it.' },
            { text: 'Let the client send each code and refresh token once, and keep the newest.' },
            lookAtClient(c),
          ];
        case 'refresh_expired':
          return [newGrant, { text: 'Or let refresh tokens live longer.', ...policyLink(c, 'refreshTokenExpiryMs') }];
        case 'redirect_uri':
          return [{ text: 'Send redirect_uri exactly as in the authorization request.' }, lookAtClient(c)];
        case 'verifier_missing':
        case 'verifier_unexpected':
        case 'verifier_malformed':
        case 'verifier_wrong':
          return [{ text: 'Send the code_verifier whose S256 was the code_challenge of this very request.' }];
        case 'assertion':
          return [
            { text: 'Compare it with the issuers that the policy trusts.', ...policyLink(c, 'trustedIssuers') },
            { text: 'Let its issuer make a fresh one: aud this issuer alone, exp within 10 min, a jti (RFC 7523 §3).' },
          ];
        case 'password_wrong':
          return [{ text: 'See the directory that the policy asks.', ...policyLink(c, 'directory') }];
        default:
          return [newGrant, lookAtClient(c)];
      }
    },
  },
  /** facts: directory, detail */
  oauth_directory: {
    status: 503,
    publicCode: 'temporarily_unavailable',
    title: 'Resource owners cannot be checked at the moment.',
    oauthError: 'temporarily_unavailable',
    sentence: (c) => `Directory ${fact(c, 'directory', '(none is set)')} cannot be asked: ${fact(c, 'detail')}.`,
    fixes: (c) => [{ text: 'See the directory that the policy names.', ...policyLink(c, 'directory') }],
  },
  /** facts: chain, attribute, problem (`answered`, `missing`, `malformed`) */
  oauth_scope_policy: {
    status: 500,
    publicCode: 'server_error',
    title: 'The scopes of the token could not be decided.',
    oauthError: 'server_error',
    sentence: (c) =>
      c.facts.problem === 'answered'
        ? `Policy chain ${fact(c, 'chain')} answered by itself instead of leaving scopes at ${fact(c, 'attribute')}.`
        : `Policy chain ${fact(c, 'chain')} left ${c.facts.problem === 'missing' ? 'nothing' : 'no set of scopes'} at ${fact(c, 'attribute')}.`,
    fixes: (c) => [
      { text: `Let the chain leave a set of strings at ${fact(c, 'attribute')}.` },
      { text: 'See which attribute the policy reads.', ...policyLink(c, 'scopeAttribute') },
    ],
  },
} as const satisfies Readonly<Record<string, Reason>>;
