import { hash } from 'node:crypto';
import * as z from 'zod';
import type { CounterAnswer, CounterRule } from '#core/counter-store';
import { Refusal, UnavailableError } from '#core/errors';
import type { Facts } from '#core/facts';
import type { Message } from '#core/message';
import type { CompiledPolicy, PolicyServices } from '#core/policy';
import { compileText } from '#core/whiteboard-selector';
import { whiteboardText } from './text.ts';

// What the policies that count calls have in common: who is counted, how much a call weighs, what the answer says, what a counter that is away does.

/** Heaviest call. */
const MOST_WEIGHT = 1_000_000;

/** Settings of every policy that counts calls. */
export const countingFields = {
  countBy: z.enum(['caller', 'client', 'address', 'identifier', 'everybody']).default('caller').meta({
    title: 'Count by',
    description:
      'Whose calls are counted together. caller: the subscription of the token, else its subject, else the address. client: all subscriptions of a client. identifier: what the selector gives. everybody: all calls. Who is not known counts as caller.',
  }),
  identifier: whiteboardText(512)
    .default('')
    .meta({
      title: 'Identifier',
      description: 'A selector, e.g. $' + '{request.header.X-Tenant}. Where it gives nothing, the caller is counted.',
      when: { field: 'countBy', is: 'identifier' },
    }),
  weight: whiteboardText(128).min(1, 'Give a weight, 1 in doubt.').default('1').meta({
    title: 'Weight',
    description: 'How much a call counts: a whole number from 0 to 1 000 000, or a selector that gives one.',
    group: 'advanced',
  }),
  headers: z.boolean().default(true).meta({
    title: 'Header fields',
    description:
      'Tells the client by RateLimit and RateLimit-Policy, on answers and refusals. In a policy chain: switch it off.',
    group: 'advanced',
  }),
  whenUnavailable: z.enum(['allow', 'refuse']).default('allow').meta({
    title: 'When counting fails',
    description: 'While the counters are away. allow: calls go on uncounted. refuse: 503.',
    group: 'advanced',
  }),
};

/** The settings, parsed. */
export interface CountingConfig {
  readonly countBy: 'caller' | 'client' | 'address' | 'identifier' | 'everybody';
  readonly identifier: string;
  readonly weight: string;
  readonly headers: boolean;
  readonly whenUnavailable: 'allow' | 'refuse';
}

/** Checks what a schema of a field alone cannot. */
export function checkCounting({ countBy, identifier, weight }: CountingConfig, context: z.RefinementCtx): void {
  if (!isWeight(weight))
    context.addIssue({ code: 'custom', path: ['weight'], message: 'A whole number up to 1 000 000, or a selector.' });
  if (countBy === 'identifier' && identifier === '')
    context.addIssue({ code: 'custom', path: ['identifier'], message: 'Give a selector to count by.' });
}

/** One counter, as it holds for a message. */
export interface Counted {
  readonly counter: string;
  readonly rule: CounterRule;
  /** Whom it counts, where the settings do not say. */
  readonly identifier?: string;
  /** What is allowed in how many seconds, for the client. */
  readonly quota: number;
  readonly windowSeconds: number;
}

/** What a policy adds to counting. */
export interface Counting {
  /** Which counter is asked. Called once a message, synchronously. */
  counterFor(message: Message): Counted;
  /** Attribute that is written: an object with `allowed`, `remaining`, `resetAt`. */
  readonly attribute: string;
  /** The refusal; `facts` say who was counted and when it is free again. */
  refusal(counted: Counted, facts: Facts): Refusal;
}

interface Shown {
  readonly counted: Counted;
  readonly answer: CounterAnswer;
}

/** Makes the handlers. Synchronous as long as identifier, weight and counter are. */
export function compileCounting(config: CountingConfig, services: PolicyServices, counting: Counting): CompiledPolicy {
  const { context, counters, clock, metrics } = services;
  const identifierOf = compileIdentifier(config);
  const weightOf = compileWeight(config.weight);
  const shown = new WeakMap<Message, Shown>();
  const uncounted = metrics.counter('calls_uncounted_total', 'Calls for which the counters were away.', {
    project: context.project.name,
    policy: context.policy.name,
  });

  const judge = (message: Message, counted: Counted, answer: CounterAnswer, weight: number): undefined => {
    const resetAt = Math.ceil(clock.now() + answer.resetMs);
    const { isAllowed, remaining } = answer;
    if (config.headers) shown.set(message, { counted, answer });
    message.whiteboard.assign(counting.attribute, { allowed: counted.quota, remaining, resetAt });
    message.note({ remaining, resetAt });
    if (isAllowed) return undefined;
    const retryAfterMs = Math.max(1, Math.ceil(answer.retryAfterMs));
    const who = counted.identifier === undefined ? config.countBy : 'caller';
    throw counting.refusal(counted, { ...callerFacts(message, who), weight, remaining, retryAfterMs, resetAt });
  };
  const away = (message: Message, error: unknown): undefined => {
    if (!(error instanceof UnavailableError)) throw error;
    uncounted.add();
    if (config.whenUnavailable === 'refuse')
      throw new Refusal('counters_unavailable', { detail: error.message, retryAfterMs: 1000 });
    message.note({ counted: false, detail: error.message });
    return undefined;
  };
  const count = (message: Message, found: string, weight: number): undefined | Promise<undefined> => {
    const counted = counting.counterFor(message);
    const { counter, rule } = counted;
    try {
      const answer = counters.take({ counter, identifier: counted.identifier ?? found, rule, weight });
      if (!(answer instanceof Promise)) return judge(message, counted, answer, weight);
      return answer.then(
        (settled) => judge(message, counted, settled, weight),
        (error: unknown) => away(message, error),
      );
    } catch (error) {
      return away(message, error);
    }
  };

  return {
    [context.phase](message: Message) {
      const found = identifierOf(message);
      const weight = weightOf(message);
      if (typeof found === 'string' && typeof weight === 'number') return count(message, found, weight);
      return Promise.all([found, weight]).then((both) => count(message, ...both));
    },
    ...(config.headers && {
      proxyResponse(message: Message) {
        const one = shown.get(message);
        if (one !== undefined && message.response !== undefined)
          addFields(message.response.headers, context.policy.name, one);
      },
      onRefusal: true,
    }),
  };
}

/** RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10): lists, in which each policy has an item of its name. */
function addFields(
  headers: { add(name: string, value: string): void },
  name: string,
  { counted, answer }: Shown,
): void {
  headers.add('RateLimit-Policy', `"${name}";q=${counted.quota};w=${counted.windowSeconds}`);
  headers.add('RateLimit', `"${name}";r=${answer.remaining};t=${Math.ceil(answer.resetMs / 1000)}`);
}

/** Whom a message counts for: short, and nothing that a caller sent is kept as it is. */
function compileIdentifier({ countBy, identifier }: CountingConfig): (message: Message) => string | Promise<string> {
  switch (countBy) {
    case 'caller':
      return callerOf;
    case 'client':
      return (message) => {
        const clientId = message.whiteboard.get('oauth.client.details')?.clientId;
        return clientId === undefined ? callerOf(message) : `c:${clientId}`;
      };
    case 'address':
      return addressOf;
    case 'everybody':
      return () => 'everybody';
    case 'identifier': {
      const textOf = compileText(identifier);
      const chosen = (message: Message, text: string) => (text === '' ? callerOf(message) : `i:${digestOf(text)}`);
      return (message) => {
        const text = textOf(message);
        return text instanceof Promise ? text.then((found) => chosen(message, found)) : chosen(message, text);
      };
    }
  }
}

function callerOf(message: Message): string {
  const { whiteboard } = message;
  const subscriptionId = whiteboard.get('oauth.client.details')?.subscriptionId;
  if (subscriptionId !== undefined) return `s:${subscriptionId}`;
  const subject = whiteboard.get('authentication.subject.id');
  return subject === undefined ? addressOf(message) : `u:${digestOf(subject)}`;
}

function addressOf({ remoteAddress }: Message): string {
  return `a:${remoteAddress}`;
}

function digestOf(text: string): string {
  return hash('sha256', text).slice(0, 32);
}

function callerFacts({ whiteboard }: Message, countBy: CountingConfig['countBy']): Facts {
  const details = whiteboard.get('oauth.client.details');
  if (details === undefined || (countBy !== 'caller' && countBy !== 'client')) return { countedBy: countBy };
  return { countedBy: countBy, client: details.displayName, clientName: details.name };
}

/** @throws Refusal `selector_value` from what it makes, for what is no weight */
function compileWeight(setting: string): (message: Message) => number | Promise<number> {
  const textOf = compileText(setting);
  if (!setting.includes('${')) {
    const fixed = parseWeight(setting);
    return () => fixed;
  }
  return (message) => {
    const text = textOf(message);
    return text instanceof Promise ? text.then(parseWeight) : parseWeight(text);
  };
}

function parseWeight(text: string): number {
  const weight = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (weight <= MOST_WEIGHT) return weight;
  throw new Refusal('selector_value', {
    place: 'the weight of a call',
    detail: 'it is a whole number up to 1 000 000',
  });
}

/** True for a weight that may stand in settings. */
function isWeight(text: string): boolean {
  return text.includes('${') || (/^\d{1,7}$/.test(text) && Number(text) <= MOST_WEIGHT);
}
