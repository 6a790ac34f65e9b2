import { Refusal } from '#core/errors';
import type { Message } from '#core/message';
import type { PolicyContext, PolicyHandler, PolicyType } from '#core/policy';
import type { ForeignToken, VerificationPurpose, VerifiedToken } from '#core/token-verifier';
import { compileAudienceCheck } from './check-audience.ts';
import { checkCertificate } from './check-certificate.ts';
import { compileScopeCheck, factsOf } from './check-scopes.ts';
import { compileFindToken, type PresentedToken } from './find-token.ts';
import { issuerOf } from './foreign-schema.ts';
import { describeForeign, noteForeign } from './foreign-token.ts';
import { type Config, schema } from './schema.ts';

/** OAuth Verify Access Token: lets a call through that carries a valid token with the right scopes (RFC 6750). */
export const oauthVerifyAccessToken: PolicyType<Config> = {
  name: 'oauth-verify-access-token',
  title: 'OAuth Verify Access Token',
  description: 'Lets a call through that carries a valid access token with the right scopes.',
  category: 'oauth',
  phases: ['proxyRequest'],
  schema,

  summarize({ tokenIn, scopes, scopeMatch, issuer, foreign }) {
    const needs = scopes.length === 0 ? 'any scope' : `${scopeMatch} of ${scopes.join(' ')}`;
    return `token${issuer === 'foreign' ? ` of ${foreign.issuer}` : ''} in ${tokenIn.join(', ')}; ${needs}`;
  },

  compile(config, { tokenVerifier, context }) {
    const findToken = compileFindToken(config);
    const checkScopes = compileScopeCheck(config);
    const checkAudience = compileAudienceCheck(config, context);
    const verifyForeign =
      config.issuer === 'foreign' ? tokenVerifier.compileForeign(issuerOf(config.foreign)) : undefined;
    const purpose = purposeOf(config, context);
    const realm = config.realm === '' ? realmOf(context.project) : config.realm;
    const inQuery = new WeakSet<Message>();

    const letThrough = (message: Message, presented: PresentedToken) => {
      if (presented.place === 'query') inQuery.add(message);
      if (config.removeToken) presented.remove();
    };
    const admit = (message: Message, presented: PresentedToken, verified: VerifiedToken) => {
      identify(message, verified);
      checkCertificate(verified, message.clientCertificate);
      checkAudience(verified);
      checkScopes(verified.token.scopes, factsOf(verified));
      letThrough(message, presented);
      describe(message, verified);
    };
    const admitForeign = (message: Message, presented: PresentedToken, token: ForeignToken) => {
      noteForeign(message, token);
      checkScopes(token.scopes, () => ({ client: token.clientId ?? token.subject }));
      letThrough(message, presented);
      describeForeign(message, token);
    };
    const verify = (message: Message, presented: PresentedToken): void | Promise<void> => {
      const { value } = presented;
      if (verifyForeign !== undefined)
        return settle(verifyForeign(value, message.remoteAddress), (token) => admitForeign(message, presented, token));
      const verified = tokenVerifier.verify(value, purpose, message.remoteAddress);
      return settle(verified, (result) => admit(message, presented, result));
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

/** Goes on at once where it can, so that a token that is remembered costs no promise. */
function settle<Value>(value: Value | Promise<Value>, next: (value: Value) => void): void | Promise<void> {
  return value instanceof Promise ? value.then(next) : next(value);
}

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
    isStrict: config.revocationCheck === 'strict',
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
