import { commandLine } from '../shell-word.ts';
import { fact, policyLink, policyPlace, type Reason, type ReasonContext } from './reason.ts';

const atPolicy = (c: ReasonContext, field?: string) => ({
  text: "Check the policy's settings.",
  command: commandLine`gatewright policy get ${policyPlace(c)}`,
  ...policyLink(c, field),
});

/** Refusals of the policies that chains are made of. */
export const POLICY_REASONS = {
  /** A parameter that a selector reads came more than once. facts: parameter, place (`query`, `form`) */
  parameter_repeated: {
    status: 400,
    publicCode: 'parameter_repeated',
    title: 'A parameter was sent more than once.',
    oauthError: 'invalid_request',
    sentence: (c) =>
      `The parameter ${fact(c, 'parameter')} stands more than once in the ${fact(c, 'place', 'request')}; policy ${c.policy} reads it and cannot tell which one is meant.`,
    fixes: (c) => [{ text: 'Send the parameter once.' }, atPolicy(c)],
  },
  /** What a selector gave cannot stand where it is put. facts: place, detail */
  selector_value: {
    status: 400,
    publicCode: 'request_invalid',
    title: 'A value of the request cannot be used.',
    oauthError: 'invalid_request',
    sentence: (c) =>
      `Policy ${c.policy} puts a value of the request into ${fact(c, 'place')}, and it cannot stand there: ${fact(c, 'detail')}.`,
    fixes: (c) => [{ text: 'Send another value.' }, atPolicy(c)],
  },
  /** A service callout got no usable answer. facts: host, detail, status */
  callout_failed: {
    status: 502,
    publicCode: 'bad_gateway',
    title: 'A service that this API depends on gave no usable answer.',
    oauthError: 'temporarily_unavailable',
    sentence: (c) =>
      `Policy ${c.policy} called ${fact(c, 'host', 'a service')} and got no usable answer: ${fact(c, 'detail')}.`,
    fixes: (c) => [
      { text: 'Check that the service runs and answers as expected.' },
      { text: 'An address inside your network? Name it in outbound.allow.' },
      atPolicy(c, 'url'),
    ],
  },
} as const satisfies Record<string, Reason>;
