import { Refusal } from '#core/errors';
import type { Message } from '#core/message';
import { scopeSchema } from '#core/model/scope';
import type { Grant } from '#core/token-store';
import { stringSetOf } from '#core/whiteboard';
import { type GrantedScopes, grantScopes, refuseScopes } from './checks/scope.ts';
import type { EndpointDeps } from './endpoints/endpoint.ts';
import type { GrantRequest } from './grants/grant.ts';
import { leaveRequesterDetails } from './requester-details.ts';

const MAX_SCOPES = 100;

/**
 * The scopes of a token that is not made from an earlier grant: from those registered, or as the policy chain decides (`product.md` §3).
 * @throws Refusal `oauth_scope`, `oauth_scope_policy`, what a policy of the chain throws
 */
export function decideScopes(request: GrantRequest, deps: EndpointDeps): GrantedScopes | Promise<GrantedScopes> {
  const asked = request.request.form.get('scope');
  const { scopeSource, scopeMatch } = deps.settings;
  if (scopeSource === 'registered') return grantScopes(asked, request.client, scopeMatch);
  return decideByPolicy({ asked, match: scopeMatch }, request, deps);
}

/**
 * The scopes of a token made from a grant: those granted, or fewer when fewer are asked for, never more (RFC 6749 §6). What was taken from the
 * client's registration since then is gone, and what a policy chain decides is decided again. The answer says the scope unless it is the one
 * that was asked for.
 * @throws Refusal `oauth_scope`, `oauth_scope_policy`
 */
export async function narrowScopes(grant: Grant, request: GrantRequest, deps: EndpointDeps): Promise<GrantedScopes> {
  const { client } = request;
  const asked = request.request.form.get('scope');
  const requested = asked === undefined ? grant.scopes : [...new Set(asked.split(' '))];
  // Nothing asked for: what is left of the grant, rather than all or nothing.
  const match = asked === undefined ? 'any' : deps.settings.scopeMatch;
  if (requested.some((scope) => !grant.scopes.includes(scope)))
    throw refuseScopes({ ...client, requested, registered: grant.scopes, match: 'all' });
  if (requested.length === 0) return { scopes: [], scope: undefined };
  const text = requested.join(' ');
  const { scopes } =
    deps.settings.scopeSource === 'registered'
      ? grantScopes(text, client, match)
      : await decideByPolicy({ asked: text, match }, request, deps);
  const isAsAsked = asked !== undefined && scopes.length === requested.length;
  return { scopes, scope: isAsAsked ? undefined : scopes.join(' ') };
}

/**
 * Runs the chain and takes what it left at the attribute, e.g. `scopes.for.token`. It may read what was asked for at `oauth.requested.scopes`,
 * and who asks at `oauth.client.details`. Nothing asked for: all that it left.
 */
async function decideByPolicy(
  { asked, match }: { readonly asked: string | undefined; readonly match: 'any' | 'all' },
  request: GrantRequest,
  { settings, parts, services }: EndpointDeps,
): Promise<GrantedScopes> {
  const { message } = request;
  const { client, subscription } = request.client;
  const requested = asked === undefined ? [] : [...new Set(asked.split(' '))];
  message.whiteboard.set('oauth.requested.scopes', new Set(requested));
  leaveRequesterDetails(request, services);
  const left = await runChain(message, { settings, parts });
  if (asked === undefined) return { scopes: left, scope: left.length > 0 ? left.join(' ') : undefined };
  const scopes = requested.filter((scope) => left.includes(scope));
  if (scopes.length === 0 || (match === 'all' && scopes.length < requested.length))
    throw refuseScopes({ client, subscription, requested, registered: left, match });
  return { scopes, scope: scopes.length === requested.length ? undefined : scopes.join(' ') };
}

async function runChain(message: Message, { settings, parts }: Pick<EndpointDeps, 'settings' | 'parts'>) {
  const { scopeChain: chain, scopeAttribute: attribute } = settings;
  const refuse = (problem: string) => new Refusal('oauth_scope_policy', { chain, attribute, problem });
  const answer = await parts.runScopeChain?.(message);
  if (answer) throw refuse('answered');
  const value = message.whiteboard.get(attribute);
  if (value === undefined) throw refuse('missing');
  const scopes = stringSetOf(value);
  const isFit = scopes !== undefined && scopes.size <= MAX_SCOPES;
  if (!isFit || ![...scopes].every((scope) => scopeSchema.safeParse(scope).success)) throw refuse('malformed');
  return [...scopes];
}
