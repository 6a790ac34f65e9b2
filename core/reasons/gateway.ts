import { commandLine } from '../shell-word.ts';
import { fact, linkTo, policyLink, policyPlace, type Reason, type ReasonContext } from './reason.ts';

const atTarget = (context: ReasonContext, field: string) =>
  linkTo(['projects', context.project, 'targets'], { target: fact(context, 'target', 'default'), field });
const target = (field: string) => (context: ReasonContext) => ({
  text: 'Check the target.',
  command: commandLine`gatewright target get ${context.project}/${fact(context, 'target', 'default')}`,
  ...atTarget(context, field),
});
/** The policy that refused, when one did; without one it was the gateway. */
const policy = (context: ReasonContext) =>
  context.policy === ''
    ? []
    : [
        {
          text: 'See the policy that refused.',
          command: commandLine`gatewright policy get ${policyPlace(context)}`,
          ...policyLink(context),
        },
      ];

/** Refusals by the gateway itself: the message, the route, its own state, the target. */
export const GATEWAY_REASONS = {
  /** facts: nearest */
  route_unknown: {
    status: 404,
    publicCode: 'not_found',
    title: 'There is no API at this address.',
    sentence: (c) =>
      `Nothing is deployed at ${c.path} in ${c.serverGroup}.${c.facts.nearest === undefined ? '' : ` Nearest: ${fact(c, 'nearest')}.`}`,
    fixes: (c) => [
      {
        text: 'Check the path, and what is deployed.',
        command: 'gatewright status',
        ...linkTo(['server-groups', c.serverGroup]),
      },
      { text: 'Deploy the project.', command: commandLine`gatewright deploy PROJECT --to ${c.serverGroup || 'local'}` },
    ],
  },
  /** facts: allowed (list) */
  method_not_allowed: {
    status: 405,
    publicCode: 'method_not_allowed',
    title: 'This method is not offered here.',
    sentence: (c) => `${c.method} is not taken here; the resource takes ${fact(c, 'allowed')}.`,
    fixes: (c) => [
      { text: `Use ${fact(c, 'allowed')}.` },
      {
        text: 'Or let the resource take the method.',
        command: commandLine`gatewright resource set ${c.project}/${fact(c, 'resource', 'RESOURCE')} methods+=${c.method}`,
        ...linkTo(['projects', c.project, 'resources', fact(c, 'resource', '')], { field: 'methods' }),
      },
    ],
  },
  /** facts: form (`dot-segment`, `double-slash`, `encoded-slash`, `backslash`, `semicolon`, `nul`, `bad-encoding`, `not-ascii`) */
  path_ambiguous: {
    status: 400,
    publicCode: 'path_ambiguous',
    title: 'The path can be read in more than one way.',
    sentence: (c) => `The path holds a ${fact(c, 'form')}, which gateway and target could read differently.`,
    fixes: (c) =>
      ['encoded-slash', 'double-slash', 'semicolon'].includes(fact(c, 'form'))
        ? [
            { text: 'Send a plain path.' },
            {
              text: 'Or allow this form for the project, if its target is known to read it the same way.',
              command: commandLine`gatewright project set ${c.project || 'PROJECT'} allowPathForms+=${fact(c, 'form')}`,
              ...linkTo(['projects', c.project, 'settings'], { field: 'allowPathForms' }),
            },
          ]
        : [{ text: 'Send a plain path.' }],
  },
  /** facts: problem (`host_missing`, `host_twice`, `host_malformed`, `authorization_twice`, `length_twice`, `length_and_chunked`, `expectation`, `target_form`, `parse`), detail */
  request_invalid: {
    status: 400,
    publicCode: 'request_invalid',
    title: 'The request is not valid HTTP.',
    sentence: (c) =>
      `The request was refused as ambiguous or malformed: ${fact(c, 'problem')}${c.facts.detail === undefined ? '' : ` (${fact(c, 'detail')})`}.`,
    fixes: () => [{ text: 'Send each of Host, Authorization and Content-Length at most once, and well formed.' }],
  },
  /** facts: problem */
  try_ticket_invalid: {
    status: 403,
    publicCode: 'try_ticket_invalid',
    title: 'The ticket is not valid.',
    sentence: (c) => `The request carried a ticket of Try it that is not valid: ${fact(c, 'problem')}.`,
    fixes: () => [
      { text: 'Send the request again from Try it: a ticket holds for one request, once, for a minute.' },
      { text: 'Ended at once? Compare the clocks of the manager and the gateway.', command: 'gatewright doctor' },
      { text: 'A caller of your own must not send the field Gatewright-Try-Ticket.' },
    ],
  },
  /** facts: limitBytes */
  header_too_large: {
    status: 431,
    publicCode: 'header_too_large',
    title: 'The header fields are too large.',
    sentence: (c) => `Request line and header fields are larger than ${fact(c, 'limitBytes')} bytes.`,
    fixes: () => [
      { text: 'Send fewer or smaller header fields (cookies?).' },
      { text: 'Or raise gateway.headerLimitBytes.' },
    ],
  },
  /** facts: limitBytes, length, policy */
  body_too_large: {
    status: 413,
    publicCode: 'body_too_large',
    title: 'The body is too large.',
    sentence: (c) => `The body is larger than ${fact(c, 'limitBytes')} bytes.`,
    fixes: (c) => [
      { text: 'Send a smaller body.' },
      { text: "Or raise the limit (gateway.bodyLimitBytes, or the policy's own)." },
      ...policy(c),
    ],
  },
  /** facts: detail */
  body_invalid: {
    status: 400,
    publicCode: 'body_invalid',
    title: 'The body could not be read.',
    sentence: (c) => `The body could not be read: ${fact(c, 'detail')}.`,
    fixes: (c) => [{ text: 'Check Content-Type, Content-Length and the body.' }, ...policy(c)],
  },
  /** facts: limitMs, part (`head`, `body`) */
  request_timeout: {
    status: 408,
    publicCode: 'request_timeout',
    title: 'The request did not come in time.',
    sentence: (c) => `The request's ${fact(c, 'part', 'body')} was not complete after ${fact(c, 'limitMs')} ms.`,
    fixes: () => [
      {
        text: 'A slow or broken client; nothing to change here unless uploads are meant to take longer (gateway.bodyTimeoutMs).',
      },
    ],
  },
  /** facts: sni, host */
  misdirected: {
    status: 421,
    publicCode: 'misdirected',
    title: 'This connection is for another host.',
    sentence: (c) => `Host ${fact(c, 'host')} came over a connection for ${fact(c, 'sni')}.`,
    fixes: () => [{ text: 'Open a connection for the host that is called.' }],
  },
  upgrade_refused: {
    status: 501,
    publicCode: 'upgrade_refused',
    title: 'Protocol upgrades are not offered.',
    sentence: (c) =>
      `The client asked to switch to ${fact(c, 'protocol', 'another protocol')}; the gateway passes plain HTTP only.`,
    fixes: () => [{ text: 'Call without Upgrade.' }],
  },
  /** facts: what (`connections`, `bodies`, `commit-queue`, `token-look-ups`), limit */
  gateway_busy: {
    status: 503,
    publicCode: 'gateway_busy',
    title: 'The gateway is busy. Try again.',
    sentence: (c) => `A bound was reached: ${fact(c, 'what')}, ${fact(c, 'limit')}.`,
    fixes: () => [{ text: 'Add workers or gateways, or raise the bound.' }],
  },
  /** facts: none */
  not_ready: {
    status: 503,
    publicCode: 'not_ready',
    title: 'The gateway is not ready yet.',
    sentence: () =>
      'The gateway had no configuration yet: it never reached the manager, or its replica was damaged and is being fetched anew.',
    fixes: () => [{ text: 'See what it waits for.', command: 'gatewright status' }],
  },
  /** facts: sinceMs */
  revocation_state_stale: {
    status: 503,
    publicCode: 'revocation_state_stale',
    title: 'Tokens cannot be checked right now. Try again.',
    sentence: (c) =>
      `The gateway heard of revocations ${fact(c, 'sinceMs')} ms ago last, longer than the 5 s that are promised; it refuses rather than trust a revoked token.`,
    fixes: (c) => [
      { text: 'Bring back the manager or the token store.', command: 'gatewright doctor' },
      {
        text: 'Or serve meanwhile.',
        command: commandLine`gatewright group set ${c.serverGroup || 'local'} whenStale=serve`,
      },
    ],
  },
  /** facts: store, detail */
  store_unavailable: {
    status: 503,
    publicCode: 'store_unavailable',
    title: 'Tokens cannot be handled right now. Try again.',
    oauthError: 'temporarily_unavailable',
    sentence: (c) => `The token store (${fact(c, 'store')}) did not answer: ${fact(c, 'detail')}.`,
    fixes: () => [{ text: 'Check the token store.', command: 'gatewright doctor' }],
  },
  /** facts: freeBytes, minFreeBytes */
  storage_low: {
    status: 503,
    publicCode: 'storage_low',
    title: 'No token can be issued right now.',
    oauthError: 'temporarily_unavailable',
    sentence: (c) =>
      `Only ${fact(c, 'freeBytes')} bytes are free on the disk, below ${fact(c, 'minFreeBytes')}: no token is issued; revocation goes on.`,
    fixes: () => [{ text: 'Free space on the disk of the data directory.', command: 'gatewright doctor' }],
  },
  /** facts: target, address, tries, detail */
  target_name: {
    status: 502,
    publicCode: 'bad_gateway',
    title: 'The service behind this API could not be reached.',
    sentence: (c) => `The name of target ${fact(c, 'address')} could not be found: ${fact(c, 'detail')}.`,
    fixes: (c) => [target('urls')(c)],
  },
  /** facts: target, address, tries, detail */
  target_refused: {
    status: 502,
    publicCode: 'bad_gateway',
    title: 'The service behind this API could not be reached.',
    sentence: (c) =>
      `Target ${fact(c, 'address')} did not take the connection after ${fact(c, 'tries', '1')} tries: ${fact(c, 'detail')}.`,
    fixes: (c) => [target('urls')(c)],
  },
  /** facts: target, address, detail */
  target_tls: {
    status: 502,
    publicCode: 'bad_gateway',
    title: 'The service behind this API could not be reached.',
    sentence: (c) => `TLS with target ${fact(c, 'address')} failed: ${fact(c, 'detail')}.`,
    fixes: (c) => [target('verifyTls')(c)],
  },
  /** facts: target, address, limitMs, part (`connect`, `head`, `body`) */
  target_timeout: {
    status: 504,
    publicCode: 'gateway_timeout',
    title: 'The service behind this API did not answer in time.',
    sentence: (c) =>
      `Target ${fact(c, 'address')} did not ${c.facts.part === 'connect' ? 'take the connection' : 'answer'} within ${fact(c, 'limitMs')} ms.`,
    fixes: (c) => [
      target('urls')(c),
      {
        text: 'Or wait longer.',
        command: commandLine`gatewright target set ${c.project}/${fact(c, 'target', 'default')} timeoutMs=60000`,
        ...atTarget(c, 'timeoutMs'),
      },
    ],
  },
  /** facts: target, address, detail */
  target_bad_answer: {
    status: 502,
    publicCode: 'bad_gateway',
    title: 'The service behind this API gave no valid answer.',
    sentence: (c) => `Target ${fact(c, 'address')} gave no valid answer: ${fact(c, 'detail')}.`,
    fixes: (c) => [target('urls')(c)],
  },
  /** facts: detail (message of the error, without values), phase */
  policy_error: {
    status: 500,
    publicCode: 'internal_error',
    title: 'The gateway could not handle this call.',
    sentence: (c) => `Policy ${c.policy} failed: ${fact(c, 'detail')}.`,
    fixes: (c) => [
      {
        text: "Check the policy's settings.",
        command: commandLine`gatewright policy get ${policyPlace(c)}`,
        ...policyLink(c),
      },
    ],
  },
  /** facts: none; the log has the stack under the request id */
  internal_error: {
    status: 500,
    publicCode: 'internal_error',
    title: 'The gateway could not handle this call.',
    sentence: () => 'An error of the gateway itself; its log has the cause under this request id.',
    fixes: () => [{ text: "Look at the gateway's log and report it." }],
  },
  /** The client went away before the answer was complete; nobody saw this status. facts: part */
  client_gone: {
    status: 499,
    publicCode: 'client_gone',
    title: 'The client closed the connection.',
    sentence: (c) => `The client closed the connection before the ${fact(c, 'part', 'answer')} was complete.`,
    fixes: () => [{ text: 'A time limit of the client that is shorter than the answer takes?' }],
  },
} as const satisfies Record<string, Reason>;
