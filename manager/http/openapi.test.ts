import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestManager } from '#test/support/running-manager';

interface Operation {
  readonly operationId: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required: boolean;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

test('the description is OpenAPI 3.1 and has every operation once, with its parameters, bodies and permissions', async (t) => {
  const manager = await startTestManager(t);
  const { body } = await manager.call('GET /openapi.json', { key: '' });
  assert.equal(body.openapi, '3.1.0');
  assert.ok(body.info.title && body.info.version);
  const ids = new Set<string>();
  for (const [path, item] of Object.entries<Record<string, Operation>>(body.paths)) {
    assert.match(path, /^\/api\/v1\//);
    for (const [method, operation] of Object.entries(item)) {
      assert.match(method, /^(?:get|put|post|patch|delete)$/);
      assert.ok(!ids.has(operation.operationId), operation.operationId);
      ids.add(operation.operationId);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const described = (operation.parameters ?? [])
        .filter((one) => one.in === 'path' && one.required)
        .map(({ name }) => name);
      assert.deepEqual(described, inPath, operation.operationId);
      const known = new Set((operation.parameters ?? []).map((one) => `${one.in} ${one.name}`));
      assert.equal(known.size, operation.parameters?.length ?? 0);
      assert.ok(Object.keys(operation.responses).every((status) => /^(?:20\d|303|default)$/.test(status)));
      assert.ok(Object.values(operation.responses).every(({ description }) => description));
      if (method === 'get') assert.equal(operation.requestBody, undefined);
      assert.equal(operation.security === undefined, isOpen(operation.operationId), operation.operationId);
    }
  }
  for (const id of ['projects.create', 'keys.rotate', 'deployments.create', 'requests.why', 'setup.redeem'])
    assert.ok(ids.has(id), id);
  checkSchemas(body);
});

/** What can be called by whoever reaches the manager. */
const OPEN = [
  'identityProviders.callback',
  'identityProviders.signIn',
  'session.create',
  'session.page',
  'setup.get',
  'setup.redeem',
  'users.choosePassword',
];
const isOpen = (id: string): boolean => OPEN.includes(id) || id.startsWith('meta.');

test('what many operations share is described once', async (t) => {
  const manager = await startTestManager(t);
  const { body, text } = await manager.call('GET /openapi.json', { key: '' });
  const { default: problem } = body.paths['/api/v1/projects'].get.responses;
  assert.deepEqual(problem.content['application/problem+json'].schema, { $ref: `${COMPONENTS}Problem` });
  assert.ok(text.length < 400_000, `${text.length} bytes; with everything in its place it were three times as much`);
});

const COMPONENTS = '#/components/schemas/';

/** Every `type` is one of JSON Schema 2020-12; what OpenAPI 3.0 had and 3.1 has not is nowhere; every reference leads somewhere. */
function checkSchemas(document: { readonly components: { readonly schemas: object } }): void {
  const { schemas } = document.components;
  const types = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];
  const visit = (value: unknown, key: string): void => {
    if (Array.isArray(value)) for (const one of value) visit(one, key);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        // A field of a noun may be called anything; what is looked at are the keywords beside it.
        if (key === 'properties') visit(inner, name === 'properties' ? '' : 'schema');
        else {
          if (name === 'type' && key === 'schema')
            assert.ok(
              [inner].flat().every((type) => types.includes(type as string)),
              String(inner),
            );
          assert.ok((name !== 'nullable' && name !== 'exclusiveMinimum') || typeof inner !== 'boolean', name);
          if (name === '$ref') assert.ok(Object.hasOwn(schemas, String(inner).slice(COMPONENTS.length)), String(inner));
          visit(inner, name === 'items' || name === 'additionalProperties' ? 'schema' : name);
        }
      }
    }
  };
  visit(document, '');
}
