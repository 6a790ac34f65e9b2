import type { TokenStore } from '#core/token-store';
import type { AuthorizationRequest } from './request.ts';
import type { OwnerSession } from './session.ts';

/** Whose consent to what. */
interface Asked {
  readonly request: AuthorizationRequest;
  readonly session: OwnerSession;
  /** The token end point project. */
  readonly projectId: string;
}

/**
 * True when the owner has to be asked: always for public clients, since anybody can claim to be one (RFC 6749 §10.2, decision 13); for others
 * when it is not remembered for every scope.
 */
export async function needsConsent(
  { request, session, projectId }: Asked,
  rule: 'remember' | 'always',
  store: TokenStore,
): Promise<boolean> {
  const { client, scopes } = request;
  if (rule === 'always' || client.kind === 'public' || client.authMethod === 'none') return true;
  const consent = await store.findConsent({ subject: session.subject, clientId: client.id, projectId });
  return consent === undefined || scopes.some((scope) => !consent.scopes.includes(scope));
}

/** Remembers what the owner allowed, beside what was allowed before. */
export async function rememberConsent(
  { request, session, projectId }: Asked,
  { store, now }: { readonly store: TokenStore; readonly now: number },
): Promise<void> {
  const whose = { subject: session.subject, clientId: request.client.id, projectId };
  const before = await store.findConsent(whose);
  const scopes = [...new Set([...(before?.scopes ?? []), ...request.scopes])];
  await store.saveConsent({ ...whose, scopes, grantedAt: before?.grantedAt ?? now, updatedAt: now });
}
