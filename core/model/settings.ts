import * as z from 'zod';
import { lineSchema } from './name.ts';

const minute = 60_000;
const day = 86_400_000;

/** What holds for everybody of the console. */
export const settings = z.strictObject({
  teamName: lineSchema.trim().min(1, 'Give the team a name.').max(64).describe('Shown in the header and at sign-in.'),
  sessionIdleMs: z
    .int()
    .min(5 * minute)
    .max(7 * day)
    .describe('A session ends when it was not used for so long.'),
  sessionMaxMs: z
    .int()
    .min(5 * minute)
    .max(90 * day)
    .describe('A session ends so long after the sign-in, used or not.'),
  keptSessionMs: z
    .int()
    .min(5 * minute)
    .max(90 * day)
    .describe('How long somebody stays signed in who ticked "Keep me signed in", used or not.'),
  requireSecondFactor: z
    .boolean()
    .describe('Everybody with a password of their own must set up a second factor before anything else.'),
  auditRetentionDays: z.int().min(30).max(3650).describe('How long the audit trail is kept, in days.'),
  signingKeyRotationDays: z
    .int()
    .min(2)
    .max(3650)
    .describe('How long a key signs JWT access tokens before the next one takes over, in days.'),
});
export type Settings = z.infer<typeof settings>;

/** What holds until somebody changes it. */
export const defaultSettings: Settings = {
  teamName: 'Gatewright',
  sessionIdleMs: 8 * 60 * minute,
  sessionMaxMs: day,
  keptSessionMs: 30 * day,
  requireSecondFactor: false,
  auditRetentionDays: 365,
  signingKeyRotationDays: 90,
};

/** Body of a patch. */
export const patchSettings = settings.partial();
