import type { ZodType } from 'zod';
import type { AuthorizationEndpoint } from './authorization-endpoint.ts';
import type { ClientRegistry } from './client-registry.ts';
import type { Clock } from './clock.ts';
import type { CounterStore } from './counter-store.ts';
import type { Egress } from './egress.ts';
import type { HttpResponse, Message } from './message.ts';
import type { Metrics } from './metrics.ts';
import type { Phase } from './model/endpoint.ts';
import type { PolicyChains } from './policy-chain.ts';
import type { TokenIssuer } from './token-issuer.ts';
import type { TokenVerifier } from './token-verifier.ts';

/** Nothing: go on. A response: answer now. A throw of `Refusal`: refuse with its reason code. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler without return statement is the common case
export type Outcome = HttpResponse | undefined | void;

/** What a policy does at one endpoint. Synchronous where it can be: a chain of synchronous handlers costs no promise. */
export type PolicyHandler = (message: Message) => Outcome | Promise<Outcome>;

/** A compiled policy: a handler for the endpoint it is attached to and, if it unwinds, for later ones. */
export interface CompiledPolicy extends Partial<Readonly<Record<Phase, PolicyHandler>>> {
  /** True: its Proxy Response handler runs on refusals too (CORS, rate headers); false: only on answers. */
  readonly onRefusal?: boolean;
}

/** Where a policy is being compiled: names for facts, metrics and error messages. */
export interface PolicyContext {
  readonly project: {
    readonly id: string;
    readonly name: string;
    readonly displayName: string;
    readonly contextPath: string;
    readonly version: number;
  };
  readonly serverGroup: {
    readonly id: string;
    readonly name: string;
    readonly publicUrl: string;
    /** Origin of sign-in, consent and device pages (decision 11); the public URL when none is set. */
    readonly authorizationUrl: string;
    /** What to do while no revocations are heard of (decision 6); left out: refuse. */
    readonly whenStale?: 'refuse' | 'serve' | undefined;
  };
  readonly policy: { readonly name: string; readonly displayName: string };
  /** The endpoint at which it is attached. */
  readonly phase: Phase;
}

/** What a policy may use. Handed to `compile`, once a deployment. */
export interface PolicyServices {
  readonly context: PolicyContext;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly registry: ClientRegistry;
  readonly tokenIssuer: TokenIssuer;
  readonly tokenVerifier: TokenVerifier;
  readonly authorizationEndpoint: AuthorizationEndpoint;
  /** Counts calls, over all workers or all gateways. */
  readonly counters: CounterStore;
  /** The way out to whatever is not a deployed target (decision 25). */
  readonly egress: Egress;
  /** Chains of the project that is being compiled. */
  readonly chains: PolicyChains;
}

/** Groups of the Add policy menu, in its order. */
export const POLICY_CATEGORIES = ['oauth', 'access', 'traffic', 'transform', 'test'] as const;
export type PolicyCategory = (typeof POLICY_CATEGORIES)[number];

/** A policy type: a name, a schema, and how a configuration becomes handlers. One folder each under `policies/`. */
export interface PolicyType<Config = unknown> {
  /** Stable name, e.g. `oauth-token-endpoint`; the folder's name. */
  readonly name: string;
  /** As people read it, e.g. `OAuth Token End Point`. */
  readonly title: string;
  /** One sentence: what it does. */
  readonly description: string;
  readonly category: PolicyCategory;
  /** The endpoints at which it may be attached. */
  readonly phases: readonly Phase[];
  /** Its settings: every field has a description and, where there is one, a default. */
  readonly schema: ZodType<Config>;
  /** Settings in which `${` is text like any other, e.g. the source of a script: no selector is looked for there. */
  readonly literalFields?: readonly string[];
  /** Names of the policy chains that it calls. */
  calls?(config: Config): readonly string[];
  /** Attributes of the whiteboard that it is set to write: selectors of the project may name them. */
  writes?(config: Config): readonly string[];
  /** One line for the policy's card, made from its settings. */
  summarize(config: Config): string;
  /** Turns settings into handlers. Throws `ConfigurationError` when they cannot work; then the deployment is refused. */
  compile(config: Config, services: PolicyServices): CompiledPolicy;
}

/** Gives a policy type its inferred settings type and forgets it for lists. */
// biome-ignore lint/suspicious/noExplicitAny: a list of policy types of different settings has no narrower element type
export type AnyPolicyType = PolicyType<any>;
