import type { AccessToken, TokenDetails } from '#core/token-store';
import type { EndpointDeps } from '../endpoints/endpoint.ts';
import type { GrantRequest } from '../grants/grant.ts';
import { type JwtIssuer, mintJwtAccess } from './jwt.ts';
import { mintOpaqueToken } from './opaque.ts';

/** What an access token says beside whose it is, where and when. */
export type AccessContent = Pick<AccessToken, 'subject' | 'scopes' | 'parameters' | 'grantId'> & {
  /** Those of its grant, or of now; the secret's is put in here. */
  readonly generations: Pick<AccessToken['generations'], 'client' | 'subscription' | 'subject'>;
  readonly details: TokenDetails | undefined;
  /** It ends no later than this (epoch ms), whatever the settings say. */
  readonly expiresBy?: number | undefined;
};

/** An access token that is not saved yet: `value` goes to the client, `access` to the store. */
export interface MintedAccess {
  readonly value: string;
  readonly access: AccessToken;
}

/** All that is stored of a token but its hash. */
export function claimsOf(
  content: AccessContent,
  { client: { client, subscription, secret } }: Pick<GrantRequest, 'client'>,
  { settings, context }: EndpointDeps,
  issuedAt: number,
): Omit<AccessToken, 'hash'> {
  const { generations, details, expiresBy, grantId, ...rest } = content;
  return {
    ...rest,
    clientId: client.id,
    subscriptionId: subscription.id,
    productId: subscription.productId,
    secretId: secret?.id,
    serverGroupId: context.serverGroup.id,
    projectId: context.project.id,
    issuedAt,
    expiresAt: Math.min(issuedAt + settings.accessTokenExpiryMs, expiresBy ?? Number.POSITIVE_INFINITY),
    generations: secret === undefined ? generations : { ...generations, secret: secret.generation },
    ...(grantId !== undefined && { grantId }),
    ...(details !== undefined && { details }),
  };
}

/**
 * Makes an access token in the format of the settings.
 * @throws Refusal `not_ready` without keys
 */
export function mintAccess(content: AccessContent, request: GrantRequest, deps: EndpointDeps): MintedAccess {
  const { settings, services } = deps;
  const claims = claimsOf(content, request, deps, services.clock.now());
  if (settings.accessTokenFormat === 'jwt') return mintJwtAccess(claims, jwtIssuerOf(request, deps));
  const { value, hash } = mintOpaqueToken(settings.accessTokenLength, services);
  return { value, access: { hash, ...claims } };
}

function jwtIssuerOf({ client }: GrantRequest, { issuer, context, settings, services }: EndpointDeps): JwtIssuer {
  const { signingKeys, random } = services;
  const algorithm = settings.signingAlgorithm;
  const defaultAudience = context.serverGroup.publicUrl;
  return { issuer, defaultAudience, consumerKey: client.consumerKey, algorithm, signingKeys, random };
}

/** The details of a token; undefined when there are none, as for most. */
export function detailsOf(details: TokenDetails): TokenDetails | undefined {
  const present = Object.entries(details).filter(([, value]) => value !== undefined);
  return present.length === 0 ? undefined : Object.fromEntries(present);
}
