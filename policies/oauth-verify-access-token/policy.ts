import { Refusal } from '#core/errors';
import type { Message } from '#core/message';
import type { PolicyContext, PolicyHandler, PolicyType } from '#core/policy';
import type { VerificationPurpose, VerifiedToken } from '#core/token-verifier';
import { checkCertificate } from './check-certificate.ts';
import { compileFindToken, type PresentedToken } from './find-token.ts';
import { type Config, schema } from './schema.ts';

/** OAuth Verify Access Token: lets a call through that carries a valid token with the right scopes (RFC 6750). */
export const oauthVerifyAccessToken: PolicyType<Config> = {
  name: 'oauth-verify-access-token',
  title: 'OAuth Verify Access Token',
  description: 'Lets a call through that carries a valid access token with the right scopes.',
  category: 'oauth',
  phases: ['proxyRequest'],
  schema,

  summarize({ tokenIn, scopes, scopeMatch }) {
    const needs = scopes.length === 0 ? 'any scope' : `${scopeMatch} of ${scopes.join(' ')}`;
    return `token in ${tokenIn.join(', ')}; ${needs}`;
  },

  compile(config, { tokenVerifier, context }) {
    const findToken = compileFindToken(config);
    const checkScopes = compileScopeCheck(config);
    const purpose = purposeOf(config, context);
    const realm = config.realm === '' ? realmOf(context.project) : config.realm;
    const inQuery = new WeakSet<Message>();

    const admit = (message: Message, presented: PresentedToken, verified: VerifiedToken) => {
      identify(message, verified);
      checkCertificate(verified, message.clientCertificate);
      checkScopes(verified);
      if (presented.place === 'query') inQuery.add(message);
      if (config.removeToken) presented.remove();
      describe(message, verified);
    };
    const verify = (message: Message, presented: PresentedToken): void | Promise<void> => {
      const verified = tokenVerifier.verify(presented.value, purpose, message.remoteAddress);
      if (!(verified instanceof Promise)) return admit(message, presented, verified);
      return verified.then((result) => admit(message, presented, result));
    };
    const run: PolicyHandler = (message) => {
      const presented = findToken(message);
      return presented instanceof Promise
        ? presented.then((token) => verify(message, token))
        : verify(message, presented);
    };

    return {
      proxyRequest(message) {
        const onError = (error: unknown): never => refuse(message, error, realm, config);
        try {
          const outcome = run(message);
          return outcome instanceof Promise ? outcome.catch(onError) : outcome;
        } catch (error) {
          return onError(error);
        }
      },
      // An answer to a token in the query must not be kept by shared caches (RFC 6750 §2.3).
      ...(config.tokenIn.includes('query')
        ? {
            proxyResponse(message: Message) {
              const headers = inQuery.has(message) ? message.response?.headers : undefined;
              if (headers !== undefined && !headers.has('cache-control')) headers.set('Cache-Control', 'private');
            },
          }
        : {}),
    };
  },
};

/** The display name, or the name where the display name has letters that a header field cannot carry. */
function realmOf({ name, displayName }: PolicyContext['project']): string {
  return /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/.test(displayName) ? displayName : name;
}

function purposeOf(config: Config, { project, serverGroup }: PolicyContext): VerificationPurpose {
  return {
    serverGroupId: serverGroup.id,
    projectId: project.id,
    projectName: project.name,
    requireActiveSubscription: config.requireActiveSubscription,
    whenStale: serverGroup.whenStale,
  };
}

function compileScopeCheck({ scopes, scopeMatch }: Config): (verified: VerifiedToken) => void {
  return ({ token, client, subscription, product }) => {
    if (scopes.length === 0) return;
    const has = (scope: string) => token.scopes.includes(scope);
    if (scopeMatch === 'all' ? scopes.every(has) : scopes.some(has)) return;
    const isOffered = (scope: string) => product?.scopes.some((each) => each.scope === scope) === true;
    throw new Refusal('scope_missing', {
      has: token.scopes.slice(0, 20),
      needs: scopes,
      match: scopeMatch,
      client: client.displayName,
      clientName: client.name,
      subscription: subscription.name,
      product: product?.displayName,
      allowed: scopeMatch === 'all' ? scopes.every(isOffered) : scopes.some(isOffered),
    });
  };
}

function identify(message: Message, { token, prefix, client, staleForMs }: VerifiedToken): void {
  message.identify({
    clientId: client.id,
    clientName: client.name,
    clientDisplayName: client.displayName,
    subscriptionId: token.subscriptionId,
    productId: token.productId,
    secretId: token.secretId,
    tokenPrefix: prefix,
  });
  if (staleForMs !== undefined) message.note({ revocationStateStaleMs: Math.round(staleForMs) });
}

/** Leaves on the whiteboard what later policies may want to know (`product.md` §4). */
function describe({ whiteboard }: Message, verified: VerifiedToken): void {
  const { token, prefix, client, subscription, product, consumerKey } = verified;
  const { scopes, issuedAt, expiresAt, parameters } = token;
  whiteboard.set('accesstoken', { prefix, scopes, issuedAt, expiresAt, parameters });
  whiteboard.set('authentication.subject.id', token.subject ?? client.id);
  whiteboard.set('oauth.client.details', {
    clientId: client.id,
    name: client.name,
    displayName: client.displayName,
    consumerKey: consumerKey ?? '',
    subscriptionId: subscription.id,
  });
  if (product !== undefined) whiteboard.set('api.product.name', product.name);
}

/** Refuses with the challenge of RFC 6750 §3, whatever the cause; the listener leaves it out where the code has none. */
function refuse(message: Message, error: unknown, realm: string, { scopes }: Config): never {
  if (!(error instanceof Refusal)) throw error;
  if (error.caller !== undefined) message.identify(error.caller);
  const challenge = error.code === 'scope_missing' ? { realm, scope: scopes.join(' ') } : { realm };
  throw new Refusal(error.code, error.facts, { ...(error.headers && { headers: error.headers }), challenge });
}
