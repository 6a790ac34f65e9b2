import * as z from 'zod';
import { MOST_ALLOWED, TIME_UNITS } from '#core/model/period';
import { checkCounting, countingFields } from '../counted-calls.ts';
import { compileWindows } from './window.ts';

const settings = z.strictObject({
  usePlan: z.boolean().default(false).meta({
    title: 'Use the plan of the product',
    description:
      'Takes count and period from the plan of the product to which the caller subscribed; it counts for all API projects of the product together. Where there is no plan, what is set here holds.',
  }),
  allow: z
    .int()
    .min(0)
    .max(MOST_ALLOWED)
    .default(1000)
    .meta({ title: 'Allowed calls', description: 'How many calls, or how much weight, in a period.' }),
  interval: z
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .meta({ title: 'Interval', description: 'How many time units a period has.' }),
  timeUnit: z.enum(TIME_UNITS).default('minute').meta({ title: 'Time unit', description: 'Unit of the interval.' }),
  type: z.enum(['calendar', 'rolling']).default('calendar').meta({
    title: 'Type',
    description:
      'calendar: periods begin with the minute, the day, the month. rolling: what counts is the time up to now; a month has 30 days.',
  }),
  ...countingFields,
  startTime: z
    .string()
    .regex(/^(?:\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?)?)?$/, 'Write 2026-01-31 or 2026-01-31T09:00.')
    .default('')
    .meta({
      title: 'Start time',
      description:
        'Local date, or date and time, at which a period begins; the others follow before and after. Empty: by the calendar, weeks on Monday.',
      when: { field: 'type', is: 'calendar' },
      group: 'advanced',
    }),
  timeZone: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[A-Za-z0-9_+/-]+$/, 'The name of a time zone, e.g. Europe/Berlin.')
    .default('UTC')
    .meta({
      title: 'Time zone',
      description: 'In which days, weeks and months begin, e.g. Europe/Berlin.',
      when: { field: 'type', is: 'calendar' },
      group: 'advanced',
    }),
});

/** Settings of the Quota policy. */
export const schema = settings.superRefine((config, context) => {
  checkCounting(config, context);
  if (!isLaidOut({ ...config, startTime: '' }))
    context.addIssue({ code: 'custom', path: ['timeZone'], message: 'There is no such time zone.' });
  else if (!isLaidOut(config))
    context.addIssue({ code: 'custom', path: ['startTime'], message: 'There is no such date or time.' });
});

function isLaidOut(config: z.infer<typeof settings>): boolean {
  try {
    compileWindows(config);
    return true;
  } catch {
    return false;
  }
}

/** The settings, parsed. */
export type Config = z.infer<typeof schema>;
