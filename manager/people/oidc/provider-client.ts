import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  type CustomFetch,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
} from 'openid-client';
import type { Egress } from '#core/egress';
import type { BaseContext } from '../../context.ts';

const ANSWER_LIMIT_BYTES = 256 * 1024;
const TIMEOUT_MS = 10_000;
const KEPT_MS = 10 * 60_000;

/** What we are to a provider. */
export interface ProviderAccess {
  /** Another one with each change of the settings. */
  readonly key: string;
  readonly issuer: string;
  readonly clientId: string;
  /** Opens the secret that the provider gave. */
  clientSecret(): string;
}

/** Providers as their own descriptions tell, kept for ten minutes. */
export interface ProviderClients {
  /** @throws Error when the provider cannot be reached, or describes itself wrongly */
  open(context: Pick<BaseContext, 'clock' | 'egress'>, provider: ProviderAccess): Promise<Configuration>;
}

/** Reads descriptions through the one way out (decision 25); one that failed is asked again with the next sign-in. */
export function createProviderClients(): ProviderClients {
  const kept = new Map<string, { readonly at: number; readonly configuration: Promise<Configuration> }>();
  return {
    open(context, { key, issuer, clientId, clientSecret }) {
      const now = context.clock.monotonic();
      for (const [old, { at }] of kept) if (now - at >= KEPT_MS) kept.delete(old);
      const known = kept.get(key);
      if (known !== undefined) return known.configuration;
      const server = new URL(issuer);
      const configuration = discovery(server, clientId, {}, authOf(clientSecret()), {
        [customFetch]: fetchThrough(context.egress),
        timeout: TIMEOUT_MS / 1000,
        // By default the signature of an ID token is not checked where it came straight from the provider; here it is, always.
        // Plain HTTP is taken on loopback only; check-issuer.ts refuses other such issuers.
        execute: [enableNonRepudiationChecks, ...(server.protocol === 'http:' ? [allowInsecureRequests] : [])],
      });
      kept.set(key, { at: now, configuration });
      configuration.catch(() => kept.delete(key));
      return configuration;
    },
  };
}

/** The way of showing the secret that the provider takes; what every provider should take when it says nothing is Basic. */
function authOf(secret: string): ClientAuth {
  const basic = ClientSecretBasic(secret);
  const post = ClientSecretPost(secret);
  return (as, client, body, headers) => {
    const methods = as.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const auth = methods.includes('client_secret_basic') ? basic : post;
    return auth(as, client, body, headers);
  };
}

function fetchThrough(egress: Egress): CustomFetch {
  return async (url, { method, headers, body }) => {
    const answer = await egress.fetch(url, {
      method: method === 'POST' ? 'POST' : 'GET',
      headers: { ...headers },
      ...(body === undefined || body === null ? {} : { body: String(body) }),
      limitBytes: ANSWER_LIMIT_BYTES,
      timeoutMs: TIMEOUT_MS,
      purpose: 'identity provider',
    });
    // What came is decompressed already.
    const { 'content-encoding': _, 'content-length': __, 'transfer-encoding': ___, ...kept } = answer.headers;
    const isEmpty = answer.status === 204 || answer.status === 304;
    return new Response(isEmpty ? null : new Uint8Array(answer.body), { status: answer.status, headers: kept });
  };
}
