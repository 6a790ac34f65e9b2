import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noEndpoints } from '#core/model/endpoint';
import type { ProjectSnapshot } from '#core/model/version';
import { diffSnapshots } from './diff.ts';

const policy = (name: string, displayName: string, config = {}) => ({
  id: `pol_${name}`,
  name,
  displayName,
  type: 'headers',
  config,
});

const base = (): ProjectSnapshot => ({
  project: {
    id: 'prj_1',
    name: 'orders-api',
    kind: 'http',
    displayName: 'Orders API',
    contextPath: '/orders',
    hosts: [],
    description: '',
    keepContextPath: false,
    allowPathForms: [],
    trailingSlash: 'ignore',
    endpoints: noEndpoints(),
    secureWith: 'none',
  },
  policies: [
    policy('a', 'A', { scopes: [], limitMs: 600_000, in: { body: true } }),
    policy('b', 'B'),
    policy('c', 'C'),
  ],
  resources: [
    {
      id: 'res_1',
      name: 'default-resource',
      displayName: 'DefaultResource',
      path: '/*',
      methods: [],
      public: false,
      target: 'default',
      endpoints: {
        ...noEndpoints(),
        proxyRequest: ['a', 'b', 'c'].map((name) => ({ policy: name, enabled: true })),
      },
    },
  ],
  targets: [
    {
      id: 'tgt_1',
      name: 'default',
      displayName: 'Default',
      urls: [{ url: 'http://a.test', weight: 1 }],
      connectTimeoutMs: 5000,
      timeoutMs: 30_000,
      idleTimeoutMs: 60_000,
      retries: 1,
      verifyTls: true,
      maxConnections: 128,
    },
  ],
});

/** The base with one thing changed. */
function changed(edit: (snapshot: ReturnType<typeof base>) => void): ProjectSnapshot {
  const snapshot = base();
  edit(snapshot);
  return snapshot;
}

const at = (names: string[]) => names.map((name) => ({ policy: name, enabled: true }));
const resource = (snapshot: ProjectSnapshot) => snapshot.resources[0]!;

const cases: [string, (snapshot: ProjectSnapshot) => void, [kind: string, pointer: string, sentence: string][]][] = [
  ['nothing', () => {}, []],
  [
    'a project field',
    (s) => Object.assign(s.project, { contextPath: '/shop' }),
    [['changed', '/project/contextPath', 'Project: proxy context path /orders → /shop']],
  ],
  [
    'Secure API with, told once',
    (s) => Object.assign(s.project, { secureWith: 'oauth', securePolicy: 'a' }),
    [['changed', '/project/secureWith', 'Project: Secure API with none → oauth']],
  ],
  [
    'settings, deep and in words',
    (s) =>
      Object.assign(s.policies[0]!, { config: { scopes: ['orders:read'], limitMs: 3_600_000, in: { body: false } } }),
    [
      ['changed', '/policies/a/config/scopes', 'Policy “A”: scopes none → orders:read'],
      ['changed', '/policies/a/config/limitMs', 'Policy “A”: limit 10 min → 1 h'],
      ['changed', '/policies/a/config/in/body', 'Policy “A”: in: body on → off'],
    ],
  ],
  [
    'a setting that appears',
    (s) => Object.assign(s.policies[1]!.config, { realm: 'orders' }),
    [['added', '/policies/b/config/realm', 'Policy “B”: realm none → orders']],
  ],
  [
    'one moved to the front',
    (s) => Object.assign(resource(s).endpoints, { proxyRequest: at(['c', 'a', 'b']) }),
    [
      [
        'changed',
        '/resources/default-resource/endpoints/proxyRequest/c/position',
        'Proxy Request of DefaultResource: “C” moved from position 3 to 1',
      ],
    ],
  ],
  [
    'one moved to another endpoint',
    (s) => Object.assign(resource(s).endpoints, { proxyRequest: at(['a', 'c']), proxyResponse: at(['b']) }),
    [
      [
        'changed',
        '/resources/default-resource/endpoints/proxyResponse/b',
        'Proxy Request of DefaultResource: “B” moved to Proxy Response, position 1',
      ],
    ],
  ],
  [
    'one detached and one turned off',
    (s) => Object.assign(resource(s).endpoints, { proxyRequest: [{ policy: 'a', enabled: false }, ...at(['c'])] }),
    [
      [
        'removed',
        '/resources/default-resource/endpoints/proxyRequest/b',
        'Proxy Request of DefaultResource: “B” detached',
      ],
      [
        'changed',
        '/resources/default-resource/endpoints/proxyRequest/a/enabled',
        'Proxy Request of DefaultResource: “A” turned off',
      ],
    ],
  ],
  [
    'one attached to the project',
    (s) => Object.assign(s.project.endpoints, { proxyResponse: [{ policy: 'a', enabled: false }] }),
    [
      [
        'added',
        '/project/endpoints/proxyResponse/a',
        'Proxy Response of the project: “A” attached at position 1 (off)',
      ],
    ],
  ],
  [
    'the target',
    (s) => Object.assign(s.targets[0]!, { urls: [{ url: 'http://b.test', weight: 2 }] }),
    [['changed', '/targets/default/urls', 'Target “Default”: URLs http://a.test → http://b.test (weight 2)']],
  ],
  [
    'a new resource',
    (s) =>
      void s.resources.push({
        ...resource(s),
        id: 'res_2',
        name: 'get-order',
        displayName: 'Get order',
        path: '/{id}',
        methods: ['GET'],
        endpoints: noEndpoints(),
      }),
    [['added', '/resources/get-order', 'Resource “Get order” GET /{id} is new']],
  ],
];

for (const [name, edit, expected] of cases) {
  test(`diff says what changed: ${name}`, () => {
    const changes = diffSnapshots(base(), changed(edit));
    assert.deepEqual(
      changes.map(({ kind, pointer, sentence }) => [kind, pointer, sentence]),
      expected,
    );
  });
}

test('a first deployment lists everything, and what disappears is said', () => {
  const sentences = diffSnapshots(undefined, base()).map(({ sentence }) => sentence);
  assert.equal(sentences[0], 'Project “Orders API” at /orders is new');
  assert.ok(sentences.includes('Proxy Request of DefaultResource: “B” attached at position 2'));
  assert.ok(sentences.includes('Target “Default” (http://a.test) is new'));
  assert.equal(diffSnapshots(base(), undefined)[0]?.sentence, 'Project “Orders API” at /orders is removed');
});

test('ids and the order of keys are no change', () => {
  const other = changed((s) => {
    Object.assign(s.policies[0]!, { id: 'pol_other', config: { in: { body: true }, limitMs: 600_000, scopes: [] } });
  });
  assert.deepEqual(diffSnapshots(base(), other), []);
});
