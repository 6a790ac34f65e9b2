import * as z from 'zod';
import type { ClientRegistry } from '#core/client-registry';
import type { Clock } from '#core/clock';
import { sha256Hex } from '#core/credential';
import { base62 } from '#core/id';
import type { Random } from '#core/random';
import type { ResourceOwner } from '#core/resource-owner';
import type { TokenStore } from '#core/token-store';

const sessionSchema = z.strictObject({
  subject: z.string(),
  username: z.string(),
  displayName: z.string(),
  generation: z.int(),
  directory: z.string(),
  serverGroupId: z.string(),
  /** Epoch ms. */
  authenticatedAt: z.number(),
});

/** Who signed in, in one browser. */
export type OwnerSession = Readonly<z.infer<typeof sessionSchema>>;

/** What sessions are kept with. */
export interface SessionServices {
  readonly store: TokenStore;
  readonly registry: ClientRegistry;
  readonly clock: Clock;
  readonly random: Random;
}

/** Where sessions are good: those of other server groups, directories that are not offered and older ones are not. */
export interface SessionRules {
  readonly serverGroupId: string;
  readonly directories: readonly string[];
  readonly sessionExpiryMs: number;
}

/** A new value for the cookie of a browser: 256 random bits. */
export function newCookieValue(random: Random): string {
  return base62(random, 43);
}

/**
 * Begins the session of who just signed in, under a new cookie value (so that nobody can have planted it), and ends the browser's former one.
 * @returns the cookie's value
 */
export async function beginSession(
  who: { readonly owner: ResourceOwner; readonly directory: string; readonly formerCookie: string },
  { store, clock, random }: SessionServices,
  rules: SessionRules,
): Promise<string> {
  const { owner, directory } = who;
  const now = clock.now();
  const cookie = newCookieValue(random);
  const session: OwnerSession = {
    subject: owner.subject,
    username: owner.username.slice(0, 256),
    displayName: owner.displayName.slice(0, 256),
    generation: owner.generation,
    directory,
    serverGroupId: rules.serverGroupId,
    authenticatedAt: now,
  };
  await store.takeTransient('session', sha256Hex(who.formerCookie), now);
  const expiresAt = now + rules.sessionExpiryMs;
  await store.saveTransient({ kind: 'session', id: sha256Hex(cookie), value: JSON.stringify(session), expiresAt });
  return cookie;
}

/** The session of a cookie, while its owner is in good standing; undefined: nobody is signed in. */
export async function findSession(
  cookie: string | undefined,
  { store, registry, clock }: SessionServices,
  rules: SessionRules,
): Promise<OwnerSession | undefined> {
  if (cookie === undefined) return undefined;
  const now = clock.now();
  const found = await store.findTransient('session', sha256Hex(cookie), now);
  if (found === undefined) return undefined;
  const session = sessionSchema.parse(JSON.parse(found.value));
  const standing = registry.findSubject(session.subject);
  const isInStanding = standing === undefined || (standing.active && standing.generation <= session.generation);
  const isGoodHere =
    session.serverGroupId === rules.serverGroupId &&
    rules.directories.includes(session.directory) &&
    now < session.authenticatedAt + rules.sessionExpiryMs;
  return isInStanding && isGoodHere ? session : undefined;
}

/** Ends a browser's session. */
export async function endSession(cookie: string, { store, clock }: SessionServices): Promise<void> {
  await store.takeTransient('session', sha256Hex(cookie), clock.now());
}
