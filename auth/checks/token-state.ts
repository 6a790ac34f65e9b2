import type { ClientRegistry } from '#core/client-registry';
import { tokenPrefix } from '#core/credential';
import { Refusal } from '#core/errors';
import type { AccessToken, FoundToken } from '#core/token-store';
import { callerOf } from '../caller.ts';

/**
 * Refuses a token that the store does not call live, with what is known of it.
 * @throws Refusal `token_unknown`, `token_expired`, `token_revoked`
 */
export function refuseDeadToken(
  hash: string,
  found: Exclude<FoundToken, { state: 'live' }>,
  { registry, now, storeKind }: { readonly registry: ClientRegistry; readonly now: number; readonly storeKind: string },
): Refusal {
  if (found.state === 'unknown') return new Refusal('token_unknown', { store: storeKind, token: tokenPrefix(hash) });
  if (found.state === 'expired') return refuseExpired(found.token, registry, now);
  const { by, at, reason, standing, byGrant } = found;
  return refuseRevoked(found.token, registry, { by, at, reason, standing: standing?.kind, withGrant: byGrant });
}

/** The refusal of a token whose time is over. */
export function refuseExpired(token: AccessToken, registry: ClientRegistry, now: number): Refusal {
  const { issuedAt, expiresAt } = token;
  const times = { issuedAt, expiresAt, expiredForMs: now - expiresAt, lifetimeMs: expiresAt - issuedAt };
  return refuse('token_expired', token, registry, times);
}

/** The refusal of a token that was revoked: alone, with its grant, or with all of one standing. */
export function refuseRevoked(
  token: AccessToken,
  registry: ClientRegistry,
  note: {
    readonly by: string;
    readonly at: number;
    readonly reason: string | undefined;
    readonly standing: string | undefined;
    readonly withGrant?: boolean | undefined;
  },
): Refusal {
  return refuse('token_revoked', token, registry, note);
}

function refuse(
  code: 'token_expired' | 'token_revoked',
  token: AccessToken,
  registry: ClientRegistry,
  more: Readonly<Record<string, string | number | boolean | undefined>>,
): Refusal {
  const prefix = tokenPrefix(token.hash);
  const client = registry.findClient(token.clientId);
  const facts = {
    ...more,
    tokenProjectId: token.projectId,
    token: prefix,
    client: client?.displayName ?? 'a removed client',
    clientName: client?.name,
  };
  return new Refusal(code, facts, client === undefined ? {} : { caller: callerOf(token, client, prefix) });
}
