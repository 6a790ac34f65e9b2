import { type Cookies, createCookies } from '../access/cookie.ts';
import type { FailedAttempts } from '../access/failed-attempts.ts';
import type { LastUsed } from '../access/last-used.ts';
import type { Passwords } from '../access/password.ts';
import { createTries, type Tries } from '../access/tries.ts';
import type { BaseContext } from '../context.ts';
import { createProviderClients, type ProviderClients } from './oidc/provider-client.ts';

/** What the operations about people need beside the context. */
export interface People {
  readonly passwords: Passwords;
  readonly tries: Tries;
  readonly failed: FailedAttempts;
  readonly lastUsed: LastUsed;
  readonly cookies: Cookies;
  readonly providers: ProviderClients;
}

/** Puts them together. `origin`: where people reach the manager. */
export function createPeople(
  base: Pick<BaseContext, 'clock' | 'options'>,
  parts: {
    readonly failed: FailedAttempts;
    readonly lastUsed: LastUsed;
    readonly passwords: Passwords;
    origin(): string | undefined;
  },
): People {
  return {
    passwords: parts.passwords,
    tries: createTries(base.clock),
    failed: parts.failed,
    lastUsed: parts.lastUsed,
    cookies: createCookies(base.options, parts.origin),
    providers: createProviderClients(),
  };
}
