import { errors } from 'jose';
import { consumerSecretContext, type FeedSecret } from '#core/change-feed';
import { sha256Hex } from '#core/credential';
import { Refusal } from '#core/errors';
import { SIGNING_ALGORITHMS } from '#core/signing-keys';
import type { EndpointDeps } from '../endpoints/endpoint.ts';
import { checkAssertionClaims, type VerifiedAssertion } from '../keys/assertion-claims.ts';
import { verifyForeignJwt } from '../keys/foreign-jwt.ts';
import { JwtProblem } from '../keys/jwt-problem.ts';
import { type FindKey, inlineKeySet, KeySetUnavailable } from '../keys/key-sets.ts';
import type { AuthenticateBy, ClientProof, NamedClient } from './method.ts';

/** `typ` of a client assertion: none or JWT as RFC 7523 left it, or the one that its successor gives it; never that of another kind of JWT. */
const TYPES = [undefined, 'jwt', 'client-authentication+jwt'];
/** Algorithms of client assertions (RFC 8414 §2 `token_endpoint_auth_signing_alg_values_supported`): of private keys, and of secrets. */
export const ASSERTION_ALGORITHMS: readonly string[] = [...SIGNING_ALGORITHMS, 'HS256'];
/** How far a client's clock may be off. */
const SKEW_MS = 30_000;
/** Stands in for the secret of nobody, so that the same work is done. */
const NOBODYS_SECRET = new TextEncoder().encode('0'.repeat(53));

/**
 * A client proves itself by a JWT (RFC 7523 §2.2, §3): signed with its private key (`private_key_jwt`), or authenticated with a consumer secret
 * that is kept readable (`client_secret_jwt`). Which of the two is the client's registration, never the JWT's header, so that a public key is
 * never taken for a secret. `iss` and `sub` are the consumer key, `aud` is exactly the issuer, `jti` is taken once.
 */
export const authenticateByAssertion: AuthenticateBy = async (_request, { presented, named }, deps) => {
  const { consumerKey } = presented;
  const assertion = presented.by === 'assertion' ? presented.assertion : '';
  try {
    const [proof, payload] = await proveAssertion(assertion, consumerKey, named, deps);
    const { store, clock } = deps.services;
    const { jti, until } = checkAssertionClaims(payload, { now: clock.now(), skewMs: SKEW_MS, subject: consumerKey });
    const isFirst = await store.rememberOnce('assertion', sha256Hex(`client ${consumerKey} ${jti}`), until);
    if (!isFirst) throw new JwtProblem('replayed', 'its jti was used before');
    return proof;
  } catch (error) {
    if (error instanceof KeySetUnavailable)
      throw new Refusal('key_set_unavailable', { url: error.url, detail: error.message });
    if (!(error instanceof JwtProblem)) throw error;
    const facts =
      named === undefined ? { consumerKey } : { client: named.client.displayName, clientName: named.client.name };
    const cause = named === undefined ? 'unknown_key' : 'assertion';
    throw new Refusal('oauth_invalid_client', { cause, ...facts, fault: error.fault, detail: error.message });
  }
};

type Proved = readonly [ClientProof, VerifiedAssertion];

async function proveAssertion(
  assertion: string,
  consumerKey: string,
  named: NamedClient | undefined,
  deps: EndpointDeps,
): Promise<Proved> {
  const { issuer, services } = deps;
  const rules = { issuer: consumerKey, audience: issuer, types: TYPES, now: services.clock.now(), skewMs: SKEW_MS };
  if (named?.client.authMethod === 'private_key_jwt') {
    const key = keyOf(named, deps);
    const payload = await verifyForeignJwt(assertion, key, { ...rules, algorithms: SIGNING_ALGORITHMS });
    return [{ method: 'private_key_jwt', secret: undefined }, payload];
  }
  const isReadable = named?.client.authMethod === 'client_secret_jwt';
  const secrets = isReadable ? liveSecrets(named, rules.now) : [];
  let problem = new JwtProblem('signature', 'its signature does not fit');
  for (const secret of secrets.length === 0 ? [undefined] : secrets) {
    const bytes = secret === undefined ? NOBODYS_SECRET : openSecret(secret, deps);
    try {
      const payload = await verifyForeignJwt(assertion, bytes, { ...rules, algorithms: ['HS256'] });
      if (secret !== undefined) return [{ method: 'client_secret_jwt', secret }, payload];
    } catch (error) {
      if (!(error instanceof JwtProblem)) throw error;
      problem = error;
      if (error.fault !== 'signature') break;
    }
  }
  if (named !== undefined && !isReadable)
    throw new JwtProblem('key', `${named.client.displayName} is registered for ${named.client.authMethod}`);
  throw problem;
}

/** The client's public keys: registered inline, or behind its `jwks_uri`. */
function keyOf({ client }: NamedClient, { services }: EndpointDeps): FindKey {
  if (client.jwksUri !== undefined) return services.keySets.at(client.jwksUri);
  if (client.jwks === undefined) throw new JwtProblem('key', 'no key is registered');
  try {
    return inlineKeySet(client, client.jwks);
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    throw new JwtProblem('key', 'the registered keys cannot be read');
  }
}

function liveSecrets({ entry }: NamedClient, now: number): readonly (FeedSecret & { readonly sealed: string })[] {
  return entry.secrets.flatMap(({ sealed, ...secret }) => {
    const isOver = secret.endsAt !== undefined && secret.endsAt <= now;
    return sealed === undefined || isOver || !secret.active ? [] : [{ ...secret, sealed }];
  });
}

function openSecret({ id, sealed }: FeedSecret & { readonly sealed: string }, { services }: EndpointDeps): Uint8Array {
  return services.openSealed(sealed, consumerSecretContext(id));
}
