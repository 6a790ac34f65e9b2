import { connect } from 'node:net';
import type { FeedDeployment, FeedServerGroup } from '#core/change-feed';
import { systemClock } from '#core/clock';
import { noLogger } from '#core/logger';
import { noMetrics } from '#core/metrics';
import type { Attachment, Phase } from '#core/model/endpoint';
import type { ExchangeRecord } from '#core/model/exchange-record';
import type { ProjectSnapshot } from '#core/model/version';
import type { AnyPolicyType } from '#core/policy';
import { systemRandom } from '#core/random';
import { createDataPlane, type DataPlane, type DataPlaneDeps, type DataPlaneOptions } from '#gateway/data-plane';
import type { RecordBatch } from '#gateway/record';
import { createMemoryCounters } from '#stores/counters/memory';

/** A data plane on a free port of loopback, with what it recorded. */
export interface PlaneUnderTest extends AsyncDisposable {
  readonly plane: DataPlane;
  readonly port: number;
  readonly batches: RecordBatch[];
  /** The record of an answer, by its X-Request-Id. */
  record(requestId: string | null): Promise<ExchangeRecord>;
  deploy(...deployments: FeedDeployment[]): ReturnType<DataPlane['apply']>;
}

/** The group of {@link openPlane}; `verbose` shows fine codes. */
export const testGroup = (errorDetail: 'standard' | 'verbose' = 'standard'): FeedServerGroup => ({
  id: 'grp_1',
  name: 'local',
  displayName: 'Local',
  publicUrl: 'http://127.0.0.1:8000',
  errorDetail,
  whenStale: 'refuse',
});

/** Options of a data plane on a free port of loopback. */
export const planeDefaults: DataPlaneOptions = {
  host: '127.0.0.1',
  port: 0,
  headerLimitBytes: 16_384,
  bodyLimitBytes: 1_048_576,
  headTimeoutMs: 15_000,
  bodyTimeoutMs: 30_000,
  keepAliveTimeoutMs: 5000,
  maxConnections: 1000,
  connectionsPerAddress: 0,
  drainTimeoutMs: 5000,
  certFile: '',
  keyFile: '',
  certificates: [],
  trustedProxies: [],
};

export async function openPlane(
  policyTypes: readonly AnyPolicyType[] = [],
  options: Partial<DataPlaneOptions> = {},
  group: FeedServerGroup = testGroup(),
  tryIt?: DataPlaneDeps['tryIt'],
): Promise<PlaneUnderTest> {
  const batches: RecordBatch[] = [];
  const unused = (): never => {
    throw new Error('not used here');
  };
  const plane = createDataPlane({
    policyTypes,
    services: {
      clock: systemClock,
      random: systemRandom,
      metrics: noMetrics,
      registry: {
        findConsumerKey: unused,
        findConsumerKeyOf: unused,
        findSubscriptionsTo: unused,
        findSubscription: unused,
        findClient: unused,
        findSubject: () => undefined,
        findProduct: unused,
        changes: 0,
        markSecretUsed: unused,
      },
      tokenIssuer: { compileEndpoint: unused },
      tokenVerifier: { verify: unused, compileForeign: unused },
      authorizationEndpoint: { compileAuthorization: unused },
      egress: { fetch: unused, resolve: unused },
      counters: createMemoryCounters(systemClock),
    },
    logger: noLogger,
    gatewayId: 'gtw_1',
    name: 'test-1',
    options: { ...planeDefaults, ...options },
    ...(tryIt !== undefined && { tryIt }),
    onRecords: (batch) => batches.push(batch),
  });
  const { port } = await plane.listen();
  let seq = 0;
  return {
    plane,
    port,
    batches,
    async record(requestId) {
      for (let i = 0; i < 100; i += 1) {
        const found = batches.flatMap(({ records }) => records).find(({ id }) => id === requestId);
        if (found !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`no record of ${requestId}`);
    },
    deploy(...deployments) {
      seq += 1;
      return plane.apply({ serverGroup: group, deployments, seq });
    },
    [Symbol.asyncDispose]: () => plane.close(),
  };
}

type Settings = ProjectSnapshot;
const none = () => ({ proxyRequest: [], targetRequest: [], targetResponse: [], proxyResponse: [] });

/** Attachments by phase, from policy names. */
export const attach = (at: Partial<Record<Phase, readonly string[]>>): Record<Phase, Attachment[]> => {
  const endpoints: Record<Phase, Attachment[]> = none();
  for (const phase of Object.keys(at) as Phase[])
    endpoints[phase] = (at[phase] ?? []).map((policy) => ({ policy, enabled: true }));
  return endpoints;
};

export interface DeploymentUnderTest {
  readonly id?: string;
  readonly name?: string;
  readonly contextPath?: string;
  readonly urls?: readonly string[];
  readonly project?: Partial<Settings['project']>;
  readonly target?: Partial<Settings['targets'][number]>;
  readonly policies?: readonly {
    readonly name: string;
    readonly type: string;
    readonly config?: Record<string, unknown>;
  }[];
  /** Policy chains, by name: the policies that they run. */
  readonly chains?: Readonly<Record<string, readonly string[]>>;
  readonly resources?: readonly Partial<Settings['resources'][number]>[];
  /** Attachments of DefaultResource. */
  readonly endpoints?: Record<Phase, Attachment[]>;
}

/** A deployment with everything that is not said filled in: an http project with the target "default". */
export function deploymentOf(given: DeploymentUnderTest = {}): FeedDeployment {
  const name = given.name ?? 'orders-api';
  const hasTarget = given.urls?.length !== 0;
  const snapshot: Settings = {
    project: {
      id: `prj_${name}`,
      name,
      displayName: name,
      kind: 'http',
      contextPath: given.contextPath ?? '/orders',
      hosts: [],
      description: '',
      keepContextPath: false,
      allowPathForms: [],
      trailingSlash: 'ignore',
      endpoints: none(),
      secureWith: 'none',
      ...given.project,
    },
    policies: (given.policies ?? []).map((policy, i) => ({
      id: `pol_${i}`,
      displayName: policy.name,
      config: {},
      ...policy,
    })),
    targets: hasTarget
      ? [
          {
            id: 'tgt_1',
            name: 'default',
            displayName: 'Default',
            urls: (given.urls ?? ['echo:']).map((url) => ({ url, weight: 1 })),
            connectTimeoutMs: 1000,
            timeoutMs: 5000,
            idleTimeoutMs: 5000,
            retries: 1,
            verifyTls: true,
            maxConnections: 64,
            ...given.target,
          },
        ]
      : [],
    resources: [
      { name: 'default-resource', path: '/*', ...(given.endpoints !== undefined && { endpoints: given.endpoints }) },
      ...(given.resources ?? []),
    ].map((resource, i) => ({
      id: `res_${i}`,
      name: `resource-${i}`,
      displayName: 'Resource',
      path: '/',
      methods: [],
      public: false,
      endpoints: none(),
      ...(hasTarget && { target: 'default' }),
      ...resource,
    })),
    ...(given.chains !== undefined && {
      chains: Object.entries(given.chains).map(([chain, policies], i) => ({
        id: `chn_${i}`,
        name: chain,
        displayName: chain,
        description: '',
        policies: policies.map((policy) => ({ policy, enabled: true })),
      })),
    }),
  };
  return {
    deploymentId: given.id ?? `dep_${name}`,
    projectId: `prj_${name}`,
    serverGroupId: 'grp_1',
    version: 1,
    snapshot,
  };
}

/** Sends bytes as they are and gives what comes back until the connection is closed (or silent for a while). */
export function sendRaw(port: number, bytes: string, quietMs = 400): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    let timer = setTimeout(finish, quietMs);
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      text += chunk;
      clearTimeout(timer);
      timer = setTimeout(finish, quietMs);
    });
    socket.on('close', finish);
    socket.on('error', (error) => (text === '' ? reject(error) : finish()));
    socket.write(bytes, 'latin1');
  });
}
