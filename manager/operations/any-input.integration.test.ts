import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { startTestManager } from '#test/support/running-manager';

interface Described {
  readonly [path: string]: Readonly<
    Record<string, { readonly requestBody?: { readonly content: Record<string, { schema: Schema }> } }>
  >;
}
interface Schema {
  readonly properties?: Readonly<Record<string, unknown>>;
}

test('whatever is sent to any operation, no answer is a 500 and none tells of our code', async (t) => {
  const manager = await startTestManager(t);
  await manager.callLocally('POST /projects', {
    body: { displayName: 'Orders API', kind: 'http', contextPath: '/orders', targetUrl: 'echo:', secureWith: 'oauth' },
  });
  await manager.callLocally('POST /clients', { body: { displayName: 'App' } });
  await manager.callLocally('POST /products', { body: { displayName: 'Shop' } });
  await manager.callLocally('POST /subscriptions', { body: { client: 'app', product: 'shop' } });
  const { paths }: { paths: Described } = JSON.parse((await manager.callLocally('GET /openapi.json')).text);
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { requestBody }]) => {
      const schema = requestBody?.content['application/json']?.schema;
      return { path, method: method.toUpperCase(), fields: Object.keys(schema?.properties ?? {}) };
    }),
  );
  const names = [
    'orders-api',
    'default-resource',
    'default',
    'proxyRequest',
    'local',
    'app',
    'shop',
    'app-shop',
    'v1',
    '1',
    'x',
  ];
  const name = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...names) },
    { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 30 }) },
  );
  const value = fc.oneof(
    name,
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom(-1, 1e308, 0.5, '/a', 'http://a', null, true, [], {}),
  );
  const calls = fc.constantFrom(...operations).chain((operation) =>
    fc.record({
      operation: fc.constant(operation),
      references: fc.array(name, { minLength: 4, maxLength: 4 }),
      body: fc.dictionary(fc.constantFrom('displayName', 'x', ...operation.fields), value, { maxKeys: 6 }),
      query: fc.dictionary(
        fc.constantFrom('q', 'sort', 'limit', 'cursor', 'state', 'since', 'x'),
        fc.string({ maxLength: 12 }),
        { maxKeys: 2 },
      ),
    }),
  );
  await fc.assert(
    fc.asyncProperty(calls, async ({ operation, references, body, query }) => {
      if (/\/(?:events|live)$/.test(operation.path)) return; // streams
      let next = 0;
      const path = operation.path.replace(/\{\w+\}/g, () => encodeURIComponent(references[next++ % 4] ?? 'x'));
      const request = `${operation.method} ${path}?${new URLSearchParams(query)}`;
      const hasBody = operation.fields.length > 0;
      const { status, text } = await manager.callLocally(request, {
        ...(hasBody ? { body } : {}),
        headers: { 'if-match': '*' },
      });
      assert.notEqual(status, 500, `${request} ${JSON.stringify(body)} ${JSON.stringify(manager.log.at(-1)?.fields)}`);
      assert.doesNotMatch(text, /\bat \S+ \((?:file:|node:|\/)|node_modules|SQLITE_/i);
    }),
    { numRuns: 600 },
  );
});
