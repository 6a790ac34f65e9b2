import { commandLine } from '../shell-word.ts';
import {
  duration,
  fact,
  factLink,
  instant,
  linkTo,
  number,
  policyLink,
  policyPlace,
  type Reason,
  type ReasonContext,
} from './reason.ts';

const newToken = { text: 'Ask the client to get a new token and call again.' };
const lookAtPolicy = (context: ReasonContext) => ({
  text: 'See where the policy looks for tokens.',
  command: commandLine`gatewright policy get ${policyPlace(context)}`,
  ...policyLink(context, 'tokenIn'),
});
const lookAtClient = (context: ReasonContext) => ({
  text: 'See the client and its keys.',
  command: commandLine`gatewright client secrets ${fact(context, 'clientName', 'CLIENT')}`,
  ...factLink(context, { page: 'clients', fact: 'clientName' }),
});
const readOther = (wanted: string) => (context: ReasonContext) => [
  { text: `Send the token where the policy looks for it: ${fact(context, 'lookedIn', wanted)}.` },
  {
    text: 'Or let the policy look there too.',
    command: commandLine`gatewright policy set ${policyPlace(context)} tokenIn=header,query`,
    ...policyLink(context, 'tokenIn'),
  },
];

/** Access tokens that were presented and refused (RFC 6750 §3.1). */
export const TOKEN_REASONS = {
  /** facts: lookedIn (e.g. "header"), foundIn (where one was seen though not looked for) */
  token_missing: {
    status: 401,
    publicCode: 'token_missing',
    title: 'This call needs an access token.',
    bearer: 'bare',
    sentence: (c) =>
      c.facts.foundIn === undefined
        ? `No token: none was sent in the ${fact(c, 'lookedIn', 'header')}.`
        : `No token where it is looked for: it was in the ${fact(c, 'foundIn')}, the policy reads the ${fact(c, 'lookedIn')}.`,
    fixes: readOther('the Authorization header'),
  },
  /** facts: scheme (first word of the header, at most 20 characters), expected */
  token_scheme_wrong: {
    status: 401,
    publicCode: 'token_missing',
    title: 'This call needs an access token.',
    bearer: 'bare',
    sentence: (c) =>
      `The Authorization header said "${fact(c, 'scheme')} …", expected "${fact(c, 'expected', 'Bearer')} …".`,
    fixes: (c) => [
      { text: `Send "Authorization: ${fact(c, 'expected', 'Bearer')} TOKEN".` },
      {
        text: 'Or expect another word before the token.',
        command: commandLine`gatewright policy set ${policyPlace(c)} headerPrefix=${fact(c, 'scheme', 'Bearer')}`,
        ...policyLink(c, 'headerPrefix'),
      },
    ],
  },
  /** facts: foundIn (list of places) */
  token_twice: {
    status: 400,
    publicCode: 'invalid_request',
    title: 'The access token was sent more than once.',
    bearer: 'invalid_request',
    sentence: (c) => `A token was sent in more than one place: ${fact(c, 'foundIn')}.`,
    fixes: (c) => [{ text: 'Send the token in one place, once (RFC 6750 §2).' }, lookAtPolicy(c)],
  },
  /** facts: length, expected */
  token_malformed: {
    status: 401,
    publicCode: 'invalid_token',
    title: 'The access token is not valid.',
    bearer: 'invalid_token',
    sentence: (c) =>
      `The token has ${number(c, 'length')} characters${c.facts.expected === undefined ? ' and some that no token here has' : `, expected ${fact(c, 'expected')}: cut off?`}.`,
    fixes: (c) => [
      { text: 'Check that the client sends the whole access_token and nothing else.' },
      newToken,
      lookAtPolicy(c),
    ],
  },
  /** facts: store (kind asked, or "none: refused by its tag"), token (first 8 hex of its hash) */
  token_unknown: {
    status: 401,
    publicCode: 'invalid_token',
    title: 'The access token is not valid.',
    bearer: 'invalid_token',
    sentence: (c) =>
      `No such token here (${fact(c, 'token')}). Stores asked: ${fact(c, 'store')}. Issued by another environment, or past its retention?`,
    fixes: (c) => [
      newToken,
      {
        text: 'Check that the token comes from a token end point of this server group.',
        ...linkTo(['server-groups', c.serverGroup]),
      },
    ],
  },
  /** facts: issuedAt, expiresAt, expiredForMs, lifetimeMs, token, client, tokenProjectId; the manager adds tokenProject and tokenPolicy (names) */
  token_expired: {
    status: 401,
    publicCode: 'token_expired',
    title: 'The access token expired.',
    bearer: 'invalid_token',
    sentence: (c) =>
      `Token expired ${duration(number(c, 'expiredForMs'))} before the call. It was issued to ${fact(c, 'client')} at ${instant(number(c, 'issuedAt'))} for ${duration(number(c, 'lifetimeMs'))}.`,
    fixes: (c) => [
      { text: `Ask ${fact(c, 'client', 'the client')} to get a new token when expires_in has passed.` },
      {
        text: 'Or raise the expiry of new tokens.',
        command: commandLine`gatewright policy set ${fact(c, 'tokenProject', 'PROJECT')}/${fact(c, 'tokenPolicy', 'POLICY')} accessTokenExpiryMs=3600000`,
        ...linkTo(['projects', fact(c, 'tokenProject', ''), 'policies', fact(c, 'tokenPolicy', '')], {
          field: 'accessTokenExpiryMs',
        }),
      },
    ],
  },
  /** facts: by, at, reason, standing (client, subscription, secret, subject or undefined), withGrant (true: its grant was revoked), token, client */
  token_revoked: {
    status: 401,
    publicCode: 'invalid_token',
    title: 'The access token is not valid.',
    bearer: 'invalid_token',
    sentence: (c) =>
      `The token of ${fact(c, 'client')} was revoked by ${fact(c, 'by')} at ${instant(number(c, 'at'))}${c.facts.standing === undefined ? '' : `, with all tokens of its ${c.facts.standing === 'subject' ? 'resource owner' : fact(c, 'standing')}`}${c.facts.withGrant === true ? ', with the grant that it came from' : ''}${c.facts.reason === undefined ? '.' : `: ${fact(c, 'reason')}.`}`,
    fixes: (c) => [newToken, lookAtClient(c)],
  },
  /** facts: issuedIn, usedIn (names of server groups) */
  token_issuer: {
    status: 401,
    publicCode: 'invalid_token',
    title: 'The access token is not valid.',
    bearer: 'invalid_token',
    sentence: (c) => `The token was issued in server group ${fact(c, 'issuedIn')} and used in ${fact(c, 'usedIn')}.`,
    fixes: (c) => [
      {
        text: `Get the token from the token end point of ${fact(c, 'usedIn', 'this server group')}.`,
        ...linkTo(['server-groups', c.serverGroup]),
      },
    ],
  },
  /** facts: has, needs (scopes), match (any, all), client, subscription, product, allowed (true when the product allows it) */
  scope_missing: {
    status: 403,
    publicCode: 'insufficient_scope',
    title: 'The access token does not allow this call.',
    bearer: 'insufficient_scope',
    sentence: (c) =>
      `The token of ${fact(c, 'client')} has ${fact(c, 'has', 'no scope')}, this call needs ${c.facts.match === 'any' ? 'any of ' : ''}${fact(c, 'needs')}${c.facts.allowed === true ? `; product ${fact(c, 'product')} allows it` : ''}.`,
    fixes: (c) => [
      { text: `Ask for scope ${fact(c, 'needs')} when getting the token.` },
      {
        text: 'Or register the scope for the subscription.',
        command: commandLine`gatewright subscription set ${fact(c, 'subscription', 'SUBSCRIPTION')} scopes=${fact(c, 'needs')}`,
        ...factLink(c, { page: 'subscriptions', fact: 'subscription', field: 'scopes' }),
      },
    ],
  },
  /** facts: client (display name), clientName, by, at, reason */
  client_disabled: {
    status: 401,
    publicCode: 'invalid_token',
    title: 'The access token is not valid.',
    bearer: 'invalid_token',
    sentence: (c) =>
      `Client ${fact(c, 'client')} was disabled by ${fact(c, 'by')} at ${instant(number(c, 'at'))}${c.facts.reason === undefined ? '.' : `: ${fact(c, 'reason')}.`}`,
    fixes: (c) => [
      {
        text: `Enable ${fact(c, 'client', 'the client')} again.`,
        command: commandLine`gatewright client enable ${fact(c, 'clientName', 'CLIENT')}`,
        ...factLink(c, { page: 'clients', fact: 'clientName' }),
      },
    ],
  },
  /** facts: owner (user name, else subject), subject, client, by, at, reason */
  token_owner_disabled: {
    status: 401,
    publicCode: 'invalid_token',
    title: 'The access token is not valid.',
    bearer: 'invalid_token',
    sentence: (c) =>
      `Resource owner ${fact(c, 'owner')}, who allowed ${fact(c, 'client')} this, was disabled by ${fact(c, 'by')} at ${instant(number(c, 'at'))}${c.facts.reason === undefined ? '.' : `: ${fact(c, 'reason')}.`}`,
    fixes: (c) => [
      {
        text: `Enable ${fact(c, 'owner', 'the resource owner')} again.`,
        command: commandLine`gatewright resource-owner enable ${fact(c, 'subject', 'OWNER')}`,
      },
    ],
  },
  /** facts: client, clientName, subscription, product, projectTitle */
  subscription_missing: {
    status: 403,
    publicCode: 'not_subscribed',
    title: 'The client is not subscribed to this API.',
    sentence: (c) =>
      `${fact(c, 'client')} used its subscription to ${fact(c, 'product', 'a product')}, which does not contain ${c.projectTitle || c.project}.`,
    fixes: (c) => [
      {
        text: `Add ${c.projectTitle || c.project} to the product.`,
        command: commandLine`gatewright product set ${fact(c, 'productName', 'PRODUCT')} projects+=${c.project}`,
        ...factLink(c, { page: 'products', fact: 'productName', field: 'projects' }),
      },
      {
        text: 'Or subscribe the client to a product with it, and use those keys.',
        command: commandLine`gatewright subscription create --client ${fact(c, 'clientName', 'CLIENT')} --product PRODUCT`,
        ...linkTo(['subscriptions'], { client: fact(c, 'clientName', '') }),
      },
    ],
  },
  /** facts: client, subscription, by, at, startsAt */
  subscription_pending: {
    status: 403,
    publicCode: 'subscription_inactive',
    title: 'The subscription is not active.',
    sentence: (c) =>
      c.facts.startsAt === undefined
        ? `Subscription ${fact(c, 'subscription')} waits for approval since ${instant(number(c, 'at'))}.`
        : `Subscription ${fact(c, 'subscription')} starts at ${instant(number(c, 'startsAt'))}.`,
    fixes: (c) => [
      {
        text: 'Approve the subscription.',
        command: commandLine`gatewright subscription approve ${fact(c, 'subscription', 'SUBSCRIPTION')}`,
        ...factLink(c, { page: 'subscriptions', fact: 'subscription' }),
      },
    ],
  },
  /** facts: client, subscription, by, at, reason */
  subscription_suspended: {
    status: 403,
    publicCode: 'subscription_inactive',
    title: 'The subscription is not active.',
    sentence: (c) =>
      `Subscription ${fact(c, 'subscription')} was suspended by ${fact(c, 'by')} at ${instant(number(c, 'at'))}${c.facts.reason === undefined ? '.' : `: ${fact(c, 'reason')}.`}`,
    fixes: (c) => [
      {
        text: 'Resume the subscription.',
        command: commandLine`gatewright subscription resume ${fact(c, 'subscription', 'SUBSCRIPTION')}`,
        ...factLink(c, { page: 'subscriptions', fact: 'subscription' }),
      },
    ],
  },
  /** facts: client, subscription, by, at, reason */
  subscription_ended: {
    status: 403,
    publicCode: 'subscription_inactive',
    title: 'The subscription is not active.',
    sentence: (c) =>
      `Subscription ${fact(c, 'subscription')} ended at ${instant(number(c, 'at'))}${c.facts.by === undefined ? '' : `, by ${fact(c, 'by')}`}${c.facts.reason === undefined ? '.' : `: ${fact(c, 'reason')}.`}`,
    fixes: (c) => [
      {
        text: 'Create a new subscription and generate keys for it.',
        command: commandLine`gatewright subscription create --client ${fact(c, 'clientName', 'CLIENT')} --product ${fact(c, 'productName', 'PRODUCT')}`,
        ...linkTo(['subscriptions'], { client: fact(c, 'clientName', '') }),
      },
    ],
  },
} as const satisfies Record<string, Reason>;
