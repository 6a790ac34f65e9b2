import { Refusal } from '#core/errors';
import type { Facts } from '#core/facts';
import type { Standing } from '#core/standing';
import type { Grant } from '#core/token-store';
import type { EndpointDeps } from '../endpoints/endpoint.ts';
import type { GrantRequest } from '../grants/grant.ts';

/**
 * A grant is the client's own, of this issuer, and nothing behind it lost its standing, by the registry's replica or the store, whichever is
 * ahead (decision 4). The refresh token of a public client is bound to the certificate that it showed (RFC 8705 §4).
 * @param inactive standings that the store calls inactive
 * @throws Refusal `oauth_grant` (RFC 6749 §5.2 invalid_grant)
 */
export function checkGrantStanding(
  grant: Grant,
  inactive: readonly Standing[],
  { client: authenticated }: Pick<GrantRequest, 'client'>,
  { context, services: { registry } }: EndpointDeps,
): void {
  const { client, subscription } = authenticated;
  const refuse = (cause: string, more: Facts = {}) => refuseGrant(cause, client, more);
  if (grant.clientId !== client.id || grant.subscriptionId !== subscription.id) throw refuse('other_client');
  const isOurs = grant.projectId === context.project.id && grant.serverGroupId === context.serverGroup.id;
  if (!isOurs) throw refuse('other_issuer');
  const subject = grant.subject === undefined ? undefined : registry.findSubject(grant.subject);
  const raised = [
    client.generation > grant.generations.client ? client : undefined,
    subscription.generation > grant.generations.subscription ? subscription : undefined,
    subject !== undefined && subject.generation > (grant.generations.subject ?? 0) ? subject : undefined,
  ].find((one) => one !== undefined);
  if (raised !== undefined) {
    const { changedBy: by, changedAt: at, changedReason: reason } = raised;
    throw refuse('revoked', { by, at, reason });
  }
  const off = inactive.find(({ kind }) => kind !== 'secret');
  if (subject?.active === false || off?.kind === 'subject') throw refuse('owner_disabled');
  if (off !== undefined) throw refuse('inactive', { standing: off.kind });
  const bound = authenticated.method === 'none' ? grant.details?.certificate : undefined;
  if (bound !== undefined && bound !== authenticated.certificate) throw refuse('other_certificate');
}

/** The refusal of a grant: what the caller sees is the same whatever the cause. */
export function refuseGrant(
  cause: string,
  client: { readonly name: string; readonly displayName: string },
  more: Facts = {},
): Refusal {
  return new Refusal('oauth_grant', { cause, client: client.displayName, clientName: client.name, ...more });
}
