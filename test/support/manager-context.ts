import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import * as z from 'zod';
import { HandClock } from '#core/clock';
import { noLogger } from '#core/logger';
import { noMetrics } from '#core/metrics';
import type { Phase } from '#core/model/endpoint';
import { PHASES } from '#core/model/endpoint';
import type { RoleGrant } from '#core/model/role';
import type { AnyPolicyType } from '#core/policy';
import { systemRandom } from '#core/random';
import { SecretBox } from '#core/secret-box';
import type { TokenStore } from '#core/token-store';
import { parseAllowList } from '#egress/destination';
import { createEgress } from '#egress/egress';
import type { ManagerContext } from '#manager/context';
import { openDatabase } from '#manager/database';
import type { Operation } from '#manager/operation';
import { auditOperations } from '#manager/operations/audit';
import { clientOperations } from '#manager/operations/client';
import { consumerKeyOperations } from '#manager/operations/consumer-key';
import { deploymentOperations } from '#manager/operations/deployment';
import { directoryOperations } from '#manager/operations/directory';
import { endpointOperations } from '#manager/operations/endpoint';
import { gatewayOperations } from '#manager/operations/gateway';
import { groupVariableOperations } from '#manager/operations/group-variable';
import { importOperations } from '#manager/operations/import';
import { joinTokenOperations } from '#manager/operations/join-token';
import { metricsOperations } from '#manager/operations/metrics';
import { overviewOperations } from '#manager/operations/overview';
import { policyOperations } from '#manager/operations/policy';
import { policyChainOperations } from '#manager/operations/policy-chain';
import { policyProfileOperations } from '#manager/operations/policy-profile';
import { productOperations } from '#manager/operations/product';
import { projectOperations } from '#manager/operations/project';
import { requestOperations } from '#manager/operations/request';
import { resourceOperations } from '#manager/operations/resource';
import { searchOperations } from '#manager/operations/search';
import { serverGroupOperations } from '#manager/operations/server-group';
import { signingKeyOperations } from '#manager/operations/signing-key';
import { statusOperations } from '#manager/operations/status';
import { subscriptionOperations } from '#manager/operations/subscription';
import { subscriptionStateOperations } from '#manager/operations/subscription-state';
import { targetOperations } from '#manager/operations/target';
import { tokenStoreOperations } from '#manager/operations/token-store';
import { versionOperations } from '#manager/operations/version';
import { createServices } from '#manager/services';
import type { Actor } from '#manager/unit-of-work';
import { dropManagerDatabase, managerDatabase } from './manager-database.ts';
import { deskOf } from './token-stores.ts';

/** The manager without its listeners: a real database, real services, and its operations as calls. */
export interface TestManager {
  readonly context: ManagerContext;
  readonly clock: HandClock;
  readonly dataDir: string;
  /** Calls an operation as the API does, checks included; gives its body. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects by using it
  run(id: string, call?: TestCall): Promise<any>;
}

/** What a call is, beside its operation. */
export interface TestCall {
  readonly params?: object;
  readonly query?: object;
  readonly body?: object;
  /** Default: the manager's own. */
  readonly context?: ManagerContext;
  /** Default: Admin. */
  readonly grants?: readonly RoleGrant[];
}

const ADMIN: readonly RoleGrant[] = [{ role: 'admin' }];
const actor: Actor = { name: 'tester', via: 'api', operation: 'test', keyId: undefined, requestId: undefined };

const operations: readonly Operation[] = [
  ...auditOperations,
  ...[clientOperations, consumerKeyOperations, deploymentOperations, endpointOperations, gatewayOperations].flat(),
  ...[
    policyOperations,
    policyProfileOperations,
    policyChainOperations,
    productOperations,
    projectOperations,
    requestOperations,
    metricsOperations,
    resourceOperations,
  ].flat(),
  ...[serverGroupOperations, statusOperations, subscriptionOperations, subscriptionStateOperations].flat(),
  ...[importOperations, targetOperations, versionOperations, overviewOperations, searchOperations].flat(),
  ...[directoryOperations, groupVariableOperations, joinTokenOperations, signingKeyOperations].flat(),
  ...tokenStoreOperations,
];

/** Opens one in a temporary folder, with the server group `local`; closed when the test ends. */
export async function openTestManager(
  t: TestContext,
  tokenStores: readonly TokenStore[] = [],
  policyTypes: readonly AnyPolicyType[] = testPolicyTypes,
): Promise<TestManager> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'gatewright-manager-'));
  const clock = new HandClock();
  const db = await openDatabase(await managerDatabase(dataDir));
  const secretBox = new SecretBox([{ id: 'k1', key: Buffer.alloc(32, 1) }], systemRandom);
  const base = {
    egress: createEgress({ allow: parseAllowList([]), ownPorts: () => new Set(), logger: noLogger }),
    ...{
      db,
      clock,
      dataDir,
      tokenStores: deskOf(...tokenStores),
      random: systemRandom,
      logger: noLogger,
      metrics: noMetrics,
    },
    policyTypes,
    masterKeys: { secretBox: () => secretBox, rotate: async () => {} },
    options: {
      ...{ host: '127.0.0.1', port: 0, socketPath: undefined, tls: undefined, hosts: [], bootstrapToken: undefined },
      ...{ allowPlainHttp: false, publicUrl: undefined, version: '0.1.0', requestsPerSecond: 50 },
      audit: { retentionDays: undefined, checkpointFile: undefined, checkpointUrl: undefined },
      outbound: { allow: [], ownPorts: [] },
      gateways: { accept: true, host: '127.0.0.1', port: 0, url: '', certificateLifeMs: 30 * 86_400_000 },
      records: { maxAgeMs: 7 * 86_400_000, limitBytes: 2 ** 31 },
    },
  };
  const services = await createServices(base);
  const context: ManagerContext = {
    ...base,
    services,
    publicOrigin: () => undefined,
    gatewayUrl: async () => 'https://127.0.0.1:9003',
  };
  t.after(async () => {
    await services.close();
    await db[Symbol.asyncDispose]();
    await dropManagerDatabase(dataDir);
    rmSync(dataDir, { recursive: true, force: true });
  });
  const manager: TestManager = {
    ...{ context, clock, dataDir },
    async run(id, { params = {}, query = {}, body, context: other, grants = ADMIN } = {}) {
      const found = operations.find((operation) => operation.id === id);
      if (found === undefined) throw new Error(`There is no operation ${id}.`);
      const answer = await found.handler({
        ...{ context: other ?? context, actor: { ...actor, grants, operation: id }, address: '', ifMatch: '*' },
        params: found.params.parse(params),
        query: found.query.parse(query),
        body: found.body?.parse(body ?? {}),
        signal: new AbortController().signal,
      });
      return found.response === undefined ? answer.body : found.response.parse(answer.body);
    },
  };
  await manager.run('serverGroups.create', { body: { displayName: 'Local' } });
  return manager;
}

function policyType(name: string, phases: readonly Phase[], schema: z.ZodType): AnyPolicyType {
  const shown = { name, title: name, description: `${name}, for tests.` };
  return { ...shown, category: 'test', phases, schema, summarize: () => name, compile: () => ({}) };
}

/** Policy types with the names that the manager knows, and settings small enough for a test. */
export const testPolicyTypes: readonly AnyPolicyType[] = [
  policyType('mock-answer', ['proxyRequest', 'targetRequest'], z.strictObject({ status: z.int().default(200) })),
  policyType('headers', PHASES, z.strictObject({ remove: z.array(z.string()).default([]) })),
  policyType(
    'oauth-verify-access-token',
    ['proxyRequest'],
    z.looseObject({ tokenIn: z.array(z.string()).default(['header']), scopes: z.array(z.string()).default([]) }),
  ),
  policyType(
    'oauth-token-endpoint',
    ['proxyRequest'],
    z.looseObject({ accessTokenExpiryMs: z.int().min(1000).default(600_000) }),
  ),
  policyType('oauth-authorization-endpoint', ['proxyRequest'], z.looseObject({ tokenProject: z.string() })),
];
