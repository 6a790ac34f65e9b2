import type { System } from './system.ts';

/** An operation of the management API, as the API describes itself. */
export interface DescribedOperation {
  readonly id: string;
  readonly method: string;
  /** Behind the origin, with names that exist for its parameters. */
  readonly path: string;
  /** `open`: for everybody. */
  readonly permission: string;
  /** A body that it takes; undefined when it takes none. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** Names of what {@link fillSystem} and the quickstart make, for the parameters of paths. */
const NAMES: Readonly<Record<string, string>> = {
  project: 'orders-api',
  policy: 'set-headers',
  resource: 'default-resource',
  endpoint: 'proxyRequest',
  target: 'default',
  group: 'local',
  name: 'region',
  gateway: 'local-1',
  product: 'shop',
  client: 'mobile-shop',
  subscription: 'mobile-shop-shop',
  secret: 'secret-1',
  user: 'ben',
  key: 'machine',
  provider: 'harbour-id',
  owner: 'owen',
  directory: 'partners',
  tokenStore: 'cache',
  number: '1',
  type: 'set-headers',
};

const PLACE = { project: 'orders-api', serverGroup: 'local' };
const OPENAPI =
  '{"openapi":"3.1.0","info":{"title":"Evil","version":"1"},"paths":{"/a":{"get":{"responses":{"200":{"description":"A"}}}}}}';

/** Bodies of operations that do something; others take an empty one. */
const BODIES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'projects.create': { displayName: 'Evil', kind: 'http', contextPath: '/evil', targetUrl: 'echo:' },
  'projects.update': { description: 'evil' },
  'projects.duplicate': { displayName: 'Evil copy', contextPath: '/evil-copy' },
  'policies.create': { type: 'mock-answer', displayName: 'Evil' },
  'policies.update': { displayName: 'Evil' },
  'policies.chooseProfile': { profile: 'seed' },
  'resources.create': { displayName: 'Evil', path: '/evil' },
  'resources.update': { displayName: 'Evil' },
  'projectEndpoints.replace': { attachments: [] },
  'resourceEndpoints.replace': { attachments: [] },
  'targets.create': { displayName: 'Evil', urls: [{ url: 'http://192.0.2.1' }] },
  'targets.update': { urls: [{ url: 'http://192.0.2.1' }] },
  'targets.check': { url: 'echo:', serverGroup: 'local' },
  'imports.previewOpenApi': { source: OPENAPI },
  'imports.createOpenApi': { source: OPENAPI, displayName: 'Evil', contextPath: '/evil2', targetUrl: 'echo:' },
  'imports.previewInto': { source: OPENAPI },
  'imports.into': { source: OPENAPI },
  'deployments.create': PLACE,
  'deployments.rollback': PLACE,
  'deployments.undeploy': PLACE,
  'serverGroups.create': { displayName: 'Evil' },
  'serverGroups.update': { description: 'evil' },
  'groupVariables.put': { value: 'evil' },
  'products.create': { displayName: 'Evil' },
  'products.update': { description: 'evil' },
  'clients.create': { displayName: 'Evil' },
  'clients.update': { description: 'evil' },
  'subscriptions.create': { client: 'mobile-shop', product: 'plain' },
  'subscriptions.update': { endsAt: 4e12 },
  'try.send': PLACE,
  'managementKeys.create': { displayName: 'Evil', roles: [{ role: 'admin' }], owner: 'machine' },
  'session.updateUser': { displayName: 'Evil' },
  'session.changePassword': { current: 'correct horse battery', next: 'an evil password indeed' },
  'session.createSecondFactor': { password: 'correct horse battery' },
  'session.create': { name: 'ben', password: 'a calm sea and prosperous voyage' },
  'users.create': { name: 'evil', roles: [{ role: 'admin' }], password: 'an evil password indeed' },
  'users.update': { roles: [{ role: 'admin' }] },
  'identityProviders.create': { displayName: 'Evil', issuer: 'https://evil.example', clientId: 'a', clientSecret: 'b' },
  'identityProviders.update': { issuer: 'https://evil.example' },
  'directories.create': { displayName: 'Evil' },
  'directories.update': { createOwners: false },
  'tokenStores.create': { displayName: 'Evil', kind: 'memory' },
  'tokenStores.test': { kind: 'memory' },
  'tokenStores.migrate': { to: 'cache' },
  'tokenStores.update': { displayName: 'Evil' },
  'resourceOwners.create': { name: 'evil', password: 'an evil password indeed' },
  'resourceOwners.update': { displayName: 'Evil' },
  'resourceOwners.setPassword': { password: 'an evil password indeed' },
  'resourceOwners.revokeConsent': { client: 'mobile-shop', project: 'access-token' },
  'settings.update': { teamName: 'Evil' },
};

/** Makes what the quickstart does not, so that each operation finds what it is about. */
export async function fillSystem(system: System): Promise<void> {
  await system.must('POST', '/projects/orders-api/policies', { type: 'set-headers' });
  await system.must('POST', '/products', { displayName: 'Plain' });
  await system.must('PUT', '/server-groups/local/variables/region', { value: 'eu' });
  await system.must('POST', '/server-groups/local/join-tokens', {});
  await system.must('POST', '/users', {
    ...{ name: 'ben', roles: [{ role: 'viewer' }], password: 'a calm sea and prosperous voyage' },
  });
  await system.must('POST', '/management-keys', {
    ...{ displayName: 'Machine', roles: [{ role: 'viewer' }], owner: 'machine' },
  });
  await system.must('POST', '/directories', { displayName: 'Partners' });
  await system.must('POST', '/token-stores', { displayName: 'Cache', kind: 'memory' });
  await system.must('POST', '/resource-owners', { name: 'owen' });
  await system.must('POST', '/identity-providers', {
    ...{ displayName: 'Harbour ID', issuer: 'https://id.example', clientId: 'a', clientSecret: 'b' },
  });
}

/** Every operation, in the order of the documentation. */
export async function listDescribed(system: System): Promise<DescribedOperation[]> {
  interface Document {
    readonly paths: Record<string, Record<string, { operationId: string; description: string; requestBody?: object }>>;
  }
  const { paths } = await system.must<Document>('GET', '/openapi.json');
  const [token] = (await system.must<{ items: { id: string }[] }>('GET', '/server-groups/local/join-tokens')).items;
  const names = { ...NAMES, token: token?.id ?? 'x' };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, description, requestBody }]) => ({
      id: operationId,
      method: method.toUpperCase(),
      path: path.replace(/\{(\w+)\}/g, (_, name: string) => (names as Record<string, string>)[name] ?? 'x'),
      permission: /^Permission: (\S+)\.$/.exec(description)?.[1] ?? 'open',
      body: requestBody === undefined ? undefined : (BODIES[operationId] ?? {}),
    })),
  );
}

/** Everything that was written down of changes: the number of the newest audit entry. Looking is not audited. */
export async function auditHead(system: System): Promise<number> {
  const { items } = await system.must<{ items: { seq: number }[] }>('GET', '/audit?limit=1');
  return items[0]?.seq ?? 0;
}
