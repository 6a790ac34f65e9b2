import { Refusal } from '#core/errors';
import type { AuthenticatedClient } from './authenticated-client.ts';
import { callerOf } from './caller.ts';
import { checkAuthMethod } from './checks/auth-method.ts';
import { checkClientStanding } from './checks/client-standing.ts';
import { findBoundCertificate } from './client-auth/bound-certificate.ts';
import { findPresentedClient } from './client-auth/find.ts';
import type { AuthenticationTarget, ClientProof, ClientRequest, NamedClient } from './client-auth/method.ts';
import { CLIENT_AUTHENTICATION } from './client-auth/table.ts';
import type { EndpointDeps } from './endpoints/endpoint.ts';

/** An id as long as another, which no registry gives. */
const NOBODYS_ID = 'nobody_0000000000000000000';

/**
 * Authenticates the client of a request (RFC 6749 §2.3, §3.2.1): what it presents, the limit of failed tries, the proof, standing, method and
 * certificate. Whether a public client, which proves nothing, may have what it asks for is the end point's question: {@link refusePublicClient}.
 * @throws Refusal `oauth_request`, `client_auth_limited`, `oauth_invalid_client`; UnavailableError of the store
 */
export async function authenticateClient(request: ClientRequest, deps: EndpointDeps): Promise<AuthenticatedClient> {
  const { failedTries, clock } = deps.services;
  const { remoteAddress, clientCertificate } = request.message;
  const presented = findPresentedClient(request, deps.settings);
  const { consumerKey } = presented;
  failedTries.check(consumerKey, remoteAddress);
  const target = { presented, named: findNamed(consumerKey, deps) };
  let proof: ClientProof;
  try {
    proof = await prove(request, target, deps);
  } catch (error) {
    if (error instanceof Refusal) failedTries.add(consumerKey, remoteAddress);
    throw error;
  }
  const { named } = target;
  if (named === undefined) throw new Refusal('oauth_invalid_client', { cause: 'unknown_key', consumerKey });
  noteProved(named, proof, request, deps);
  const { client, subscription } = named;
  checkClientStanding(client, subscription, clock.now());
  checkAuthMethod(client, proof.method, presented);
  const certificate = findBoundCertificate(client, clientCertificate);
  return { consumerKey, client, subscription, secret: proof.secret, method: proof.method, certificate };
}

/**
 * What is only for clients that proved themselves (RFC 6749 §4.4; decision 14).
 * @throws Refusal `oauth_invalid_client` public_client
 */
export function refusePublicClient({ client, consumerKey, method }: AuthenticatedClient): void {
  if (method !== 'none') return;
  const facts = { client: client.displayName, clientName: client.name, consumerKey };
  throw new Refusal('oauth_invalid_client', { cause: 'public_client', ...facts });
}

/** Of a key that there is not, a subscription and a client that there are not are looked up too, so that it takes as long. */
function findNamed(consumerKey: string, { services: { registry } }: EndpointDeps): NamedClient | undefined {
  const entry = registry.findConsumerKey(consumerKey);
  const subscription = registry.findSubscription(entry?.subscriptionId ?? NOBODYS_ID);
  const client = registry.findClient(entry?.clientId ?? NOBODYS_ID);
  if (entry === undefined || subscription === undefined || client === undefined) return undefined;
  return { consumerKey, entry, subscription, client };
}

/** Of a client that there is not, the same is asked as of one that has a secret. */
function prove(request: ClientRequest, target: AuthenticationTarget, deps: EndpointDeps) {
  const { presented, named } = target;
  return CLIENT_AUTHENTICATION[named?.client.authMethod ?? 'client_secret'][presented.by](request, target, deps);
}

/** A secret counts as used, and the call is the client's, as soon as it proved itself; also when it is refused for its standing. */
function noteProved(
  { client, subscription }: NamedClient,
  { secret }: ClientProof,
  { message }: ClientRequest,
  { settings, services: { registry, clock } }: EndpointDeps,
): void {
  if (secret !== undefined) {
    registry.markSecretUsed({ secretId: secret.id, at: clock.now(), address: message.remoteAddress });
  }
  if (!settings.monitoring) return;
  const ids = { subscriptionId: subscription.id, productId: subscription.productId, secretId: secret?.id };
  message.identify(callerOf(ids, client, undefined));
}
