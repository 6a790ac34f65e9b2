/**
 * The architecture, as a table that is checked. `areas` below is the authority on who may import what; everything else
 * in this file reads the sources and compares.
 *
 * A star: core is the vocabulary and the ports and imports nothing of ours; every area imports core and no sibling (but
 * the manager egress too, whose rules on addresses its own checks follow); main puts them together. Imports of types
 * count, since a type that crosses a border ties the two sides just as well.
 * A `*.test.ts` file follows the row `test`, wherever it lies.
 */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { parseSync, Visitor } from 'oxc-parser';

interface Area {
  /** The other areas it may import, or `any`. */
  readonly areas: readonly string[] | 'any';
  /** The npm packages it may import, or `any` of package.json. */
  readonly packages: readonly string[] | 'any';
  /** Why it exists, in one line. */
  readonly purpose: string;
}

const areas: Readonly<Record<string, Area>> = {
  core: { areas: [], packages: ['zod'], purpose: 'the vocabulary and the ports' },
  gateway: { areas: ['core'], packages: ['@peculiar/x509', 'find-my-way', 'undici'], purpose: 'the data plane' },
  policies: {
    areas: ['core'],
    packages: ['@jitl/quickjs-wasmfile-release-sync', 'quickjs-emscripten-core', 'zod'],
    purpose: 'one folder a policy type',
  },
  auth: { areas: ['core'], packages: ['jose', 'zod'], purpose: 'the authorization server' },
  egress: { areas: ['core'], packages: ['ipaddr.js'], purpose: 'the one way out that is no deployed target' },
  manager: {
    areas: ['core', 'egress'],
    packages: [
      '@fastify/helmet',
      '@fastify/rate-limit',
      '@fastify/static',
      '@fastify/swagger',
      '@peculiar/x509',
      '@scalar/openapi-parser',
      'fastify',
      'fastify-type-provider-zod',
      'kysely',
      'ldapts',
      'openid-client',
      'otpauth',
      'pg',
      'saxes',
      'yaml',
      'zod',
    ],
    purpose: 'the management API',
  },
  stores: {
    areas: ['core'],
    packages: ['cassandra-driver', 'ioredis', 'kysely', 'pg', 'zod'],
    purpose: 'what is kept, on each engine',
  },
  telemetry: { areas: ['core'], packages: ['pino', 'prom-client'], purpose: 'metrics, traces and the log' },
  cli: {
    areas: ['core'],
    packages: ['@clack/prompts', 'commander', 'picocolors', 'undici', 'yaml', 'yocto-spinner', 'zod'],
    purpose: 'the command line, a client of the management API',
  },
  console: {
    areas: ['core'],
    packages: [
      '@codemirror/commands',
      '@codemirror/lang-json',
      '@codemirror/lang-xml',
      '@codemirror/lang-yaml',
      '@codemirror/language',
      '@codemirror/lint',
      '@codemirror/state',
      '@codemirror/view',
      '@dnd-kit/core',
      '@dnd-kit/sortable',
      '@fontsource-variable/inter',
      '@fontsource-variable/jetbrains-mono',
      '@mantine/core',
      '@mantine/form',
      '@mantine/hooks',
      '@mantine/notifications',
      '@tabler/icons-react',
      '@tanstack/react-query',
      '@tanstack/react-router',
      '@vitejs/plugin-react',
      'react',
      'react-dom',
      'uplot',
      'uqr',
      'vite',
    ],
    purpose: 'the web console, a client of the management API',
  },
  main: {
    areas: 'any',
    packages: ['commander', 'picocolors', 'undici', 'yaml', 'zod'],
    purpose: 'puts the areas together',
  },
  test: { areas: 'any', packages: 'any', purpose: 'what no single area can test' },
  bench: { areas: 'any', packages: 'any', purpose: 'what is measured, and against whom' },
};

/** Only these may ask the machine for time and chance; everybody else is handed a Clock and a Random. */
const sourcesOfTimeAndChance = ['core/clock.ts', 'core/random.ts', 'core/id.ts'];
const timeAndChance = /\bDate\.now\b|\bnew Date(?!\w)(?:\s*\(\s*\)|(?!\s*\())|\bMath\.random\b|\brandomUUID\b/g;

/** Drawers: a folder is named after what it holds. console/src is the layout that its build tool expects. */
const drawers = ['src', 'lib', 'util', 'utils', 'helper', 'helpers', 'common', 'misc'];
const drawersAllowed = ['console/src'];

const policyFiles = ['schema.ts', 'policy.ts', 'policy.test.ts', 'README.md'];

const root = path.dirname(import.meta.dirname);

/** Paths from the top folder, with `/`, to texts (of .ts files) or to `''`. */
type Tree = ReadonlyMap<string, string>;

interface Import {
  readonly from: string;
  readonly specifier: string;
  /** The path of the file meant, for an import of ours. */
  readonly target: string | undefined;
}

/** Every breach of the table and of the rules beside it, each as one sentence with its file. */
function findBreaches(tree: Tree): string[] {
  const sources = [...tree].filter(([file]) => isSource(file));
  const imports = new Map(sources.map(([file, text]) => [file, importsOf(file, text)]));
  return [
    ...sources.flatMap(([file]) => breachesOfBorders(file, imports.get(file) ?? [], tree)),
    ...breachesOfTheBrowser(imports),
    ...sources.flatMap(([file, text]) => breachesOfTimeAndChance(file, text)),
    ...breachesOfFolders(tree),
  ];
}

/** All imports of a file: static, re-exports, dynamic, and those inside types. */
function importsOf(file: string, text: string): Import[] {
  const { module, program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  const found = new Set<string>();
  for (const { moduleRequest } of module.staticImports) found.add(moduleRequest.value);
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest } of entries) if (moduleRequest) found.add(moduleRequest.value);
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const written = text.slice(moduleRequest.start, moduleRequest.end);
    found.add(/^(['"`])([^$]*)\1$/.exec(written)?.[2] ?? `a computed import(${written})`);
  }
  new Visitor({ TSImportType: ({ source }) => void found.add(source.value) }).visit(program);
  return [...found].map((specifier) => ({ from: file, specifier, target: targetOf(file, specifier) }));
}

function blank(text: string, ranges: readonly { readonly start: number; readonly end: number }[]): string {
  let result = text;
  for (const { start, end } of ranges) result = result.slice(0, start) + ' '.repeat(end - start) + result.slice(end);
  return result;
}

function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return `${specifier.slice(1)}.ts`;
  if (specifier.startsWith('.')) return path.posix.join(path.posix.dirname(file), specifier);
  return undefined;
}

const isSource = (file: string): boolean => /\.tsx?$/.test(file);
const topFolder = (file: string): string => file.split('/')[0] ?? '';
const isTest = (file: string): boolean => file.endsWith('.test.ts') || topFolder(file) === 'test';
const isBuiltin = (specifier: string): boolean => specifier.startsWith('node:') || builtinModules.includes(specifier);
const packageName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

function breachesOfBorders(file: string, imports: readonly Import[], tree: Tree): string[] {
  const own = topFolder(file);
  const area = isTest(file) ? areas.test : areas[own];
  if (area === undefined) return [`${file}: "${own}" is not an area of the table in test/architecture.test.ts`];
  return imports.flatMap(({ specifier, target }) => {
    if (isBuiltin(specifier)) return [];
    if (target === undefined) {
      const name = packageName(specifier);
      const isAllowed = area.packages === 'any' || area.packages.includes(name);
      return isAllowed ? [] : [`${file}: ${own} may not import the package ${name}`];
    }
    if (isSource(target) && !tree.has(target)) return [`${file}: there is no ${target} (imported as "${specifier}")`];
    const other = topFolder(target);
    const isRelative = specifier.startsWith('.');
    if (other === own)
      return isRelative ? [] : [`${file}: "${specifier}" is in the same area, import it by a relative path`];
    if (area.areas !== 'any' && !area.areas.includes(other))
      return [`${file}: ${own} may not import ${other} ("${specifier}")`];
    // Measurements start the same engines and the same system as tests; they are no part of the product either.
    if (!isTest(file) && own !== 'bench' && isTest(target))
      return [`${file}: only tests import tests ("${specifier}")`];
    if (isRelative && target.endsWith('.ts') && areas[other] !== undefined) {
      return [`${file}: "${specifier}" crosses a border, import it as "#${target.replace(/\.ts$/, '')}"`];
    }
    return [];
  });
}

/** core/model runs in the console too: nothing that either reaches may import a built-in of Node.js. */
function breachesOfTheBrowser(imports: ReadonlyMap<string, readonly Import[]>): string[] {
  const inBrowser = (file: string) => file.startsWith('core/model/') || file.startsWith('console/src/');
  const reached = [...imports.keys()].filter((file) => inBrowser(file) && !isTest(file));
  const known = new Set(reached);
  for (const file of reached) {
    for (const { target } of imports.get(file) ?? []) {
      if (target === undefined || known.has(target)) continue;
      known.add(target);
      reached.push(target);
    }
  }
  return reached.flatMap((file) =>
    (imports.get(file) ?? [])
      .filter(({ specifier }) => isBuiltin(specifier))
      .map(
        ({ specifier }) =>
          `${file}: core/model must run in a browser, but this file, which it reaches, imports ${specifier}`,
      ),
  );
}

function breachesOfTimeAndChance(file: string, text: string): string[] {
  const isExempt =
    isTest(file) || ['bench', 'console'].includes(topFolder(file)) || sourcesOfTimeAndChance.includes(file);
  if (isExempt || areas[topFolder(file)] === undefined) return [];
  const code = blank(text, parseSync(file, text).comments);
  return [...code.matchAll(timeAndChance)].map(
    ([use]) => `${file}: ${use} outside ${sourcesOfTimeAndChance.join(', ')}: use the Clock or Random handed in`,
  );
}

function breachesOfFolders(tree: Tree): string[] {
  const folders = new Set<string>();
  for (const file of tree.keys()) {
    for (let folder = path.posix.dirname(file); folder !== '.'; folder = path.posix.dirname(folder))
      folders.add(folder);
  }
  const isDrawer = (folder: string) =>
    drawers.includes(path.posix.basename(folder)) && !drawersAllowed.includes(folder);
  const isPolicy = (folder: string) => /^policies\/[^/]+$/.test(folder);
  return [
    ...[...folders].filter(isDrawer).map((folder) => `${folder}/: name a folder after what it holds`),
    ...[...folders]
      .filter((folder) => areas[folder] !== undefined && !tree.has(`${folder}/README.md`))
      .map((folder) => `${folder}/: an area has a README.md`),
    ...[...folders]
      .filter(isPolicy)
      .flatMap((folder) =>
        policyFiles
          .filter((name) => !tree.has(`${folder}/${name}`))
          .map((name) => `${folder}/: a policy type has a ${name}`),
      ),
  ];
}

function readTree(): Tree {
  const tree = new Map<string, string>();
  const outside = ['node_modules', 'gatewright-data', 'coverage', 'results', 'dist'];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const file = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!entry.name.startsWith('.') && !outside.includes(entry.name)) walk(file);
      } else if (entry.isFile()) {
        tree.set(file, isSource(file) ? readFileSync(path.join(root, file), 'utf8') : '');
      }
    }
  };
  walk('');
  return tree;
}

test('the sources keep to the table', () => {
  assert.deepEqual(findBreaches(readTree()), []);
});

test('the table and package.json speak of the same areas and packages', () => {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const mapped = Object.entries<string>(manifest.imports).map(([name, target]) => {
    assert.equal(target, `./${name.slice(1)}.ts`);
    return name.slice(1, -2);
  });
  assert.deepEqual(
    mapped.sort(),
    Object.keys(areas)
      .filter((area) => area !== 'bench' && area !== 'console')
      .sort(),
  );
  const allowed = Object.values(areas).flatMap(({ packages }) => (packages === 'any' ? [] : packages));
  assert.deepEqual([...new Set(allowed)].sort(), Object.keys(manifest.dependencies).sort());
});

test('the lock file names no host to download from', () => {
  const file = path.join(root, 'package-lock.json');
  if (!existsSync(file)) return;
  assert.ok(!readFileSync(file, 'utf8').includes('"resolved"'), 'make it with `npm run lock`');
});

/** A tree of a few files that keeps every rule, with some replaced or added. */
function sample(changes: Readonly<Record<string, string>>): Tree {
  const good = {
    'core/README.md': '',
    'core/clock.ts': 'export const now = () => Date.now();',
    'core/model/project.ts':
      "import * as z from 'zod';\nimport { name } from './name.ts';\nexport const project = z.object({ name });",
    'core/model/name.ts': 'export const name = 1;',
    'gateway/README.md': '',
    'gateway/server.ts':
      "// Date.now() in a comment\nimport { project } from '#core/model/project';\nimport http from 'node:http';\nexport { project, http };",
    'manager/README.md': '',
    'manager/server.ts': "export const at = new Date(5); /* import('#gateway/server') */",
  };
  return new Map(Object.entries({ ...good, ...changes }));
}

test('the checker finds nothing in a tree that keeps every rule', () => {
  assert.deepEqual(findBreaches(sample({})), []);
});

const bad: readonly (readonly [name: string, changes: Readonly<Record<string, string>>, breach: RegExp])[] = [
  ['a sibling', { 'gateway/a.ts': "import { at } from '#manager/server';" }, /gateway may not import manager/],
  [
    'a sibling, by its types only',
    { 'gateway/a.ts': "import type { T } from '#manager/server';" },
    /may not import manager/,
  ],
  [
    'a sibling, inside a type',
    { 'gateway/a.ts': "export type A = import('#manager/server').T;" },
    /may not import manager/,
  ],
  ['a sibling, by a re-export', { 'gateway/a.ts': "export * from '#manager/server';" }, /may not import manager/],
  ['a sibling, when asked for', { 'gateway/a.ts': "await import('#manager/server');" }, /may not import manager/],
  [
    'a sibling, by a relative path',
    { 'gateway/x/a.ts': "import '../../manager/server.ts';" },
    /may not import manager/,
  ],
  ['an area, from core', { 'core/a.ts': "import '#gateway/server';" }, /core may not import gateway/],
  ['core by a relative path', { 'gateway/a.ts': "import '../core/clock.ts';" }, /crosses a border/],
  ['its own area by its name', { 'gateway/a.ts': "import '#gateway/server';" }, /in the same area/],
  ['a file that does not exist', { 'gateway/a.ts': "import '#core/nothing';" }, /there is no core\/nothing\.ts/],
  [
    'a package that is not in its row',
    { 'gateway/a.ts': "import 'fastify/types';" },
    /may not import the package fastify/,
  ],
  [
    'Node.js, below core/model',
    { 'core/model/name.ts': "import '../text.ts';", 'core/text.ts': "import 'fs';" },
    /must run in a browser/,
  ],
  ['no row of the table', { 'things/a.ts': '' }, /"things" is not an area/],
];
for (const [name, changes, breach] of bad) {
  test(`the checker finds an import of ${name}`, () => assert.match(findBreaches(sample(changes)).join('\n'), breach));
}

for (const use of ['Date.now()', 'new Date()', 'new Date', '[1].map(Math.random)', 'crypto.randomUUID()']) {
  test(`the checker finds ${use}`, () => {
    assert.match(
      findBreaches(sample({ 'gateway/a.ts': `export const a = ${use};` })).join('\n'),
      /use the Clock or Random/,
    );
    assert.deepEqual(findBreaches(sample({ 'gateway/a.test.ts': `export const a = ${use};` })), []);
  });
}

test('the checker finds a drawer, an area without README.md and an incomplete policy', () => {
  assert.deepEqual(findBreaches(sample({ 'gateway/utils/a.ts': '', 'policies/mock/policy.ts': '' })), [
    'gateway/utils/: name a folder after what it holds',
    'policies/: an area has a README.md',
    'policies/mock/: a policy type has a schema.ts',
    'policies/mock/: a policy type has a policy.test.ts',
    'policies/mock/: a policy type has a README.md',
  ]);
});
