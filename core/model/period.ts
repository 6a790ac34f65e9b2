import * as z from 'zod';

/** Units of a period in which calls are counted. */
export const TIME_UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

/** Most calls that a quota may allow. */
export const MOST_ALLOWED = 1_000_000_000;

/** The plan of a product: how many calls each of its subscriptions may make in a period, over all its API projects. */
export const productPlan = z.strictObject({
  allow: z.int().min(0).max(MOST_ALLOWED).describe('How many calls.'),
  interval: z.int().min(1).max(1000).default(1).describe('In how many of the time unit.'),
  timeUnit: z.enum(TIME_UNITS).describe('second, minute, hour, day, week or month.'),
});
export type ProductPlan = z.infer<typeof productPlan>;

/** `1000 a minute`, `500 in 2 days`. */
export function planText({ allow, interval, timeUnit }: ProductPlan): string {
  return interval === 1
    ? `${allow} ${timeUnit === 'hour' ? 'an' : 'a'} ${timeUnit}`
    : `${allow} in ${interval} ${timeUnit}s`;
}
