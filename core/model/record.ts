import * as z from 'zod';

/** What every stored noun has beside its own fields. */
export const recordFields = {
  id: z.string().describe('Opaque id; never reused.'),
  revision: z.int().describe('Grows with each change; quoted it is the ETag.'),
  createdAt: z.number().describe('Epoch milliseconds.'),
  createdBy: z.string().describe('Who made it.'),
  updatedAt: z.number().describe('Epoch milliseconds.'),
  updatedBy: z.string().describe('Who changed it last.'),
};
