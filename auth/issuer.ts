import type { AuthorizationEndpoint, DeployedEndpoints } from '#core/authorization-endpoint';
import type { FeedClient } from '#core/change-feed';
import type { ClientRegistry } from '#core/client-registry';
import type { Clock } from '#core/clock';
import type { CounterStore } from '#core/counter-store';
import type { TokenTagKeys } from '#core/credential';
import type { Egress } from '#core/egress';
import { Refusal, UnavailableError } from '#core/errors';
import { issuerOf } from '#core/issuer';
import type { Metrics } from '#core/metrics';
import type { Random } from '#core/random';
import type { ResourceOwners } from '#core/resource-owner';
import type { SealContext } from '#core/secret-box';
import type { SigningKeys } from '#core/signing-keys';
import type { SubscriptionTokens, TokenIssuer } from '#core/token-issuer';
import type { TokenStore } from '#core/token-store';
import type { TokenStores } from '#core/token-stores';
import { createAuthorizationEndpoint } from './authorization/endpoint.ts';
import { createFailedTries, type FailedTries } from './checks/failed-tries.ts';
import { createIssueRateCheck } from './checks/issue-rate.ts';
import { createLiveTokenCheck } from './checks/live-tokens.ts';
import type { StorageLow } from './checks/storage.ts';
import { compileMetadata, metadataPath, WELL_KNOWN } from './endpoints/metadata.ts';
import { ENDPOINTS } from './endpoints/table.ts';
import { issueForSubscription } from './issue-for-subscription.ts';
import { createKeySets, type KeySets } from './keys/key-sets.ts';

/** What the authorization server works with. */
export interface IssuerDependencies {
  readonly store: TokenStores;
  readonly registry: ClientRegistry;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  /** Resource owners, for the password grant and sign-in. */
  readonly owners: ResourceOwners;
  /** The keys that sign JWT access tokens. */
  readonly signingKeys: SigningKeys;
  /** The way out: foreign key sets (decision 25). */
  readonly egress: Egress;
  /** Counters over workers, or over gateways: failed sign-ins (decision 38). */
  readonly counters: CounterStore;
  /** The authorization end points that are deployed beside, for metadata. */
  readonly endpoints: DeployedEndpoints;
  /** Whether clients can show certificates (RFC 8705), and at which origin when elsewhere than others; left out: they cannot. */
  readonly mtls?: { readonly isOffered: boolean; readonly origin: string } | undefined;
  readonly limits: {
    /** Tokens a second a client gets from this process. */
    readonly issuePerSecond: number;
    /** Tokens of a client that have not expired. */
    readonly liveTokens: number;
    /** Failed client authentications a minute, per consumer key and address. */
    readonly failedAuthPerMinute: number;
  };
  /** The keys that tag opaque tokens; undefined until the gateway got them. */
  tagKeys(): TokenTagKeys | undefined;
  /** Opens what the manager sealed to this gateway: consumer secrets that must be readable (decision 3). @throws SealError */
  openSealed(sealed: string, context: SealContext): Buffer;
  /** How little is free when that is too little for tokens (decision 36); undefined otherwise. */
  storageLow(): StorageLow | undefined;
}

/** The dependencies and the checks that remember something between requests. */
export interface IssuerServices extends Omit<IssuerDependencies, 'store'> {
  /** Of a compiled end point the one in which what is new goes to the store that its policy names. */
  readonly store: TokenStore;
  readonly stores: TokenStores;
  readonly failedTries: FailedTries;
  /** Public keys of clients and trusted issuers. */
  readonly keySets: KeySets;
  readonly checkIssueRate: (client: FeedClient) => void;
  readonly checkLiveTokens: (client: FeedClient) => void | Promise<void>;
}

/** Makes the authorization server: its end points are compiled for each project of theirs; limits are shared by all of them. */
export function createTokenIssuer(
  dependencies: IssuerDependencies,
): TokenIssuer & SubscriptionTokens & AuthorizationEndpoint {
  const { limits, clock, store } = dependencies;
  const shared: IssuerServices = {
    ...dependencies,
    stores: store,
    keySets: createKeySets(dependencies),
    failedTries: createFailedTries(limits.failedAuthPerMinute, clock),
    checkIssueRate: createIssueRateCheck(limits.issuePerSecond, clock),
    checkLiveTokens: createLiveTokenCheck(limits.liveTokens, store, clock),
  };
  return {
    ...createAuthorizationEndpoint(shared),
    issueFor: (subscriptionId, serverGroupId) => issueForSubscription(subscriptionId, serverGroupId, shared),
    compileEndpoint(settings, context, parts = {}) {
      const services = { ...shared, store: store.preferring(settings.tokenStore) };
      const deps = { settings, context, services, parts, issuer: issuerOf(context) };
      const answerMetadata = compileMetadata(deps);
      const wellKnown = metadataPath(context);
      const { contextPath } = context.project;
      const routes = new Map(
        ENDPOINTS.filter(({ isOffered }) => isOffered?.(settings) !== false).map((type) => [
          type.path,
          { methods: type.methods, answer: type.compile(deps) },
        ]),
      );
      return async (message) => {
        const { method, path, targetPath } = message.request;
        // Behind the issuer too, where many clients look as OpenID Connect Discovery taught them (RFC 8414 §5).
        if (path === wellKnown || targetPath === WELL_KNOWN) {
          if (method !== 'GET' && method !== 'HEAD') throw refuseMethod(['GET', 'HEAD']);
          return answerMetadata();
        }
        const route = routes.get(path === contextPath || targetPath === '' ? '/' : targetPath);
        if (route === undefined) throw new Refusal('route_unknown', { nearest: contextPath });
        if (!route.methods.some((allowed) => allowed === method)) throw refuseMethod(route.methods);
        try {
          return await route.answer(message);
        } catch (error) {
          if (!(error instanceof UnavailableError)) throw error;
          throw new Refusal('store_unavailable', { store: services.store.kind, detail: error.message });
        }
      };
    },
  };
}

function refuseMethod(allowed: readonly string[]): Refusal {
  return new Refusal('method_not_allowed', { allowed }, { headers: { Allow: allowed.join(', ') } });
}
