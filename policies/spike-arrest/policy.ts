import { Refusal } from '#core/errors';
import type { PolicyType } from '#core/policy';
import { type Counted, compileCounting } from '../counted-calls.ts';
import { type Config, schema } from './schema.ts';

const UNIT_MS = { second: 1000, minute: 60_000, hour: 3_600_000 } as const;
/** What a rate gives in so long may come at once, unless a burst is set. */
const EVEN_MS = 100;

/** Spike Arrest: no more calls than a rate, evenly spread. */
export const spikeArrest: PolicyType<Config> = {
  name: 'spike-arrest',
  title: 'Spike Arrest',
  description: 'Lets calls through no faster than a rate, evenly spread, so that no spike reaches the target.',
  category: 'traffic',
  phases: ['proxyRequest', 'targetRequest'],
  schema,

  writes: () => ['spike-arrest'],
  summarize: ({ rate, per, countBy }) => `${rate} ${per === 'hour' ? 'an' : 'a'} ${per}, by ${countBy}`,

  compile(config, services) {
    const { context } = services;
    const { rate, per } = config;
    const unitMs = UNIT_MS[per];
    const burst = config.burst === 0 ? Math.max(1, Math.floor((rate * EVEN_MS) / unitMs)) : config.burst;
    const counted: Counted = {
      counter: `${context.serverGroup.id}/${context.project.id}/${context.policy.name}/${rate}-${per}-${burst}`,
      rule: { kind: 'rate', everyMs: unitMs / rate, burst },
      ...{ quota: rate, windowSeconds: unitMs / 1000 },
    };
    return compileCounting(config, services, {
      attribute: 'spike-arrest',
      counterFor: () => counted,
      refusal: (_, facts) => new Refusal('spike_arrested', { rate, per, burst, ...facts }),
    });
  },
};
