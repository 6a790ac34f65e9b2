import { commandLine } from '../shell-word.ts';
import {
  duration,
  fact,
  factLink,
  number,
  policyLink,
  policyPlace,
  type Reason,
  type ReasonContext,
} from './reason.ts';

const per = (c: ReasonContext): string => (fact(c, 'per') === 'hour' ? 'an hour' : `a ${fact(c, 'per')}`);
/** Who was counted, in words. */
const whose = (c: ReasonContext): string => {
  switch (fact(c, 'countedBy')) {
    case 'address':
      return 'this address';
    case 'identifier':
      return 'this identifier';
    case 'everybody':
      return 'all callers';
    default:
      return fact(c, 'client', 'this caller');
  }
};
const again = (c: ReasonContext): string => `The same call may go through in ${duration(number(c, 'retryAfterMs'))}`;
const raise = (c: ReasonContext, field: string) => ({
  text: 'Or allow more.',
  command: commandLine`gatewright policy set ${policyPlace(c)} ${field}=NUMBER`,
  ...policyLink(c, field),
});

/** Refusals of the policies that count calls. */
export const TRAFFIC_REASONS = {
  /** facts: allow, windowMs, by (`policy`, `plan`), countedBy, client, clientName, weight, remaining, retryAfterMs, resetAt */
  quota_exceeded: {
    status: 429,
    publicCode: 'quota_exceeded',
    title: 'The quota is used up.',
    oauthError: 'temporarily_unavailable',
    sentence: (c) =>
      `${fact(c, 'by') === 'plan' ? "The plan of the caller's product" : `Policy ${c.policy}`} allows ${number(c, 'allow')} in ${duration(number(c, 'windowMs'))}; ${whose(c)} has ${number(c, 'remaining')} left and this call counts ${number(c, 'weight')}. ${again(c)}.`,
    fixes: (c) => [
      { text: `Wait ${duration(number(c, 'retryAfterMs'))}, as Retry-After says.` },
      fact(c, 'by') === 'plan'
        ? {
            text: 'Or change the plan of the product.',
            command: 'gatewright product set PRODUCT plan.allow=NUMBER',
            ...factLink(c, { page: 'clients', fact: 'clientName' }),
          }
        : raise(c, 'allow'),
    ],
  },
  /** facts: rate, per, burst, countedBy, client, clientName, weight, remaining, retryAfterMs, resetAt */
  spike_arrested: {
    status: 429,
    publicCode: 'spike_arrested',
    title: 'Too many calls in too short a time.',
    oauthError: 'temporarily_unavailable',
    sentence: (c) =>
      `Policy ${c.policy} lets ${fact(c, 'rate')} in ${per(c)} through, evenly spread and ${fact(c, 'burst')} at once; more came from ${whose(c)}. ${again(c)}.`,
    fixes: (c) => [{ text: 'Call more slowly, and wait as Retry-After says.' }, raise(c, 'rate')],
  },
  /** The counters are away, and the policy is set to refuse then. facts: detail, retryAfterMs */
  counters_unavailable: {
    status: 503,
    publicCode: 'counters_unavailable',
    title: 'The call cannot be counted right now. Try again.',
    oauthError: 'temporarily_unavailable',
    sentence: (c) => `Policy ${c.policy} could not count the call: ${fact(c, 'detail')}`,
    fixes: (c) => [
      { text: 'Check that Redis runs and can be reached from the gateway (counterStore.url).' },
      {
        text: 'Or let calls go on uncounted meanwhile.',
        command: commandLine`gatewright policy set ${policyPlace(c)} whenUnavailable=allow`,
        ...policyLink(c, 'whenUnavailable'),
      },
    ],
  },
} as const satisfies Record<string, Reason>;
