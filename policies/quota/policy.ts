import type { Clock } from '#core/clock';
import { Refusal } from '#core/errors';
import type { Message } from '#core/message';
import { type ProductPlan, planText } from '#core/model/period';
import type { PolicyServices, PolicyType } from '#core/policy';
import { type Counted, compileCounting } from '../counted-calls.ts';
import { type Config, schema } from './schema.ts';
import { compileWindows, rollingMs } from './window.ts';

/** Different plans whose periods are remembered. */
const PLANS_LIMIT = 100;

/** Quota: so many calls in a period, for each caller. */
export const quota: PolicyType<Config> = {
  name: 'quota',
  title: 'Quota',
  description:
    'Lets so many calls of a caller through in a period: by the calendar or rolling, or by the plan of its product.',
  category: 'traffic',
  phases: ['proxyRequest', 'targetRequest'],
  schema,

  writes: () => ['quota'],
  summarize(config) {
    const own = `${planText(config)}${config.type === 'rolling' ? ', rolling' : ''}, by ${config.countBy}`;
    return config.usePlan ? `plan of the product, else ${own}` : own;
  },

  compile(config, services) {
    const { context, clock } = services;
    const place = `${context.serverGroup.id}/${context.project.id}/${context.policy.name}`;
    const ownCounter = compileCounter(config, config, clock);
    const planOf = config.usePlan ? compilePlanCounter(config, services) : () => undefined;
    return compileCounting(config, services, {
      attribute: 'quota',
      counterFor: (message) => planOf(message) ?? ownCounter(place),
      refusal: ({ quota: allow, windowSeconds, identifier }, facts) =>
        new Refusal('quota_exceeded', {
          ...{ allow, windowMs: windowSeconds * 1000, by: identifier === undefined ? 'policy' : 'plan' },
          ...facts,
        }),
    });
  },
};

/** Makes the function that names a counter of a period. */
function compileCounter(
  { interval, timeUnit, allow }: ProductPlan,
  { type, timeZone, startTime }: Pick<Config, 'type' | 'timeZone' | 'startTime'>,
  clock: Clock,
): (place: string) => Counted {
  if (type === 'rolling') {
    const intervalMs = rollingMs({ interval, timeUnit });
    const rule = { kind: 'rolling', allow, intervalMs } as const;
    return (place) => ({ counter: `${place}/r${intervalMs}`, rule, quota: allow, windowSeconds: intervalMs / 1000 });
  }
  const windowAt = compileWindows({ interval, timeUnit, timeZone, startTime });
  return (place) => {
    const { startAt, endAt } = windowAt(clock.now());
    const rule = { kind: 'window', allow, endsAt: endAt } as const;
    return { counter: `${place}/${startAt}-${endAt}`, rule, quota: allow, windowSeconds: (endAt - startAt) / 1000 };
  };
}

/** The counter of the plan of the product of a caller's subscription; undefined where there is none. */
function compilePlanCounter(
  config: Config,
  { context, clock, registry }: PolicyServices,
): (message: Message) => Counted | undefined {
  const compiled = new Map<string, (place: string) => Counted>();
  const counterOf = (plan: ProductPlan): ((place: string) => Counted) => {
    const key = planText(plan);
    const known = compiled.get(key);
    if (known !== undefined) return known;
    if (compiled.size >= PLANS_LIMIT) compiled.clear();
    const made = compileCounter(plan, config, clock);
    compiled.set(key, made);
    return made;
  };
  return ({ whiteboard }) => {
    const subscriptionId = whiteboard.get('oauth.client.details')?.subscriptionId;
    if (subscriptionId === undefined) return undefined;
    const productId = registry.findSubscription(subscriptionId)?.productId;
    const plan = productId === undefined ? undefined : registry.findProduct(productId)?.plan;
    if (plan === undefined) return undefined;
    const counted = counterOf(plan)(`${context.serverGroup.id}/plan/${productId}`);
    return { ...counted, identifier: `s:${subscriptionId}` };
  };
}
