import * as z from 'zod';
import { checkCounting, countingFields } from '../counted-calls.ts';

/** Settings of the Spike Arrest policy. */
export const schema = z
  .strictObject({
    rate: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10)
      .meta({ title: 'Rate', description: 'How many calls, evenly spread: 30 a minute is one every 2 s.' }),
    per: z
      .enum(['second', 'minute', 'hour'])
      .default('second')
      .meta({ title: 'Per', description: 'Time unit of the rate.' }),
    burst: z.int().min(0).max(1_000_000).default(0).meta({
      title: 'Burst',
      description: 'How many may come at once. 0: as many as the rate gives in 100 ms, one at least.',
      group: 'advanced',
    }),
    ...countingFields,
    countBy: countingFields.countBy.default('everybody'),
  })
  .superRefine(checkCounting);

/** The settings, parsed. */
export type Config = z.infer<typeof schema>;
