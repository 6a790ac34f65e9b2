import * as z from 'zod';
import { nameSchema } from '#core/model/name';

/** Settings of the Call Policy Chain policy. */
export const schema = z.strictObject({
  chain: nameSchema.meta({
    title: 'Policy chain',
    description: 'Name of the policy chain of this project that is run here.',
  }),
});

/** The settings, parsed. */
export type Config = z.infer<typeof schema>;
