import * as z from 'zod';

// What a gateway asks the manager of resource owners: their passwords are checked where the hashes lie (decision 12).

/** Longest password that is looked at; a longer one is wrong. */
export const OWNER_PASSWORD_LIMIT = 1024;

const directory = z.string().min(1).max(64);
const redirectUri = z.url({ protocol: /^https?$/ }).max(2048);

/** One question, as it goes from a worker to its primary and on to the manager. */
export const ownerQuestion = z.discriminatedUnion('ask', [
  z.strictObject({
    ask: z.literal('check-password'),
    directory,
    username: z.string().max(1000),
    password: z.string().max(OWNER_PASSWORD_LIMIT),
    /** Where the sign-in came from; empty: not known. */
    address: z.string().max(64),
    clientId: z.string().max(64),
  }),
  z.strictObject({ ask: z.literal('begin-external'), directory, redirectUri }),
  z.strictObject({
    ask: z.literal('finish-external'),
    directory,
    redirectUri,
    handle: z.string().max(8192),
    query: z.string().max(8192),
  }),
]);
export type OwnerQuestion = z.infer<typeof ownerQuestion>;

/** The manager's answer. */
export const ownerAnswer = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('known'),
    owner: z.strictObject({
      subject: z.string(),
      username: z.string(),
      displayName: z.string(),
      generation: z.int(),
    }),
  }),
  z.strictObject({ state: z.literal('wrong') }),
  z.strictObject({ state: z.literal('disabled') }),
  z.strictObject({ state: z.literal('limited'), retryAfterMs: z.number() }),
  z.strictObject({ state: z.literal('begun'), location: z.string(), handle: z.string() }),
]);
export type OwnerAnswer = z.infer<typeof ownerAnswer>;
