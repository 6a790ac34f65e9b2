import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { run } from '#cli/run';
import { HOSTILE_REQUEST, type HostileData, plantHostileData } from '../support/hostile-data.ts';
import { auditHead, fillSystem } from '../support/operations.ts';
import { quickstart } from '../support/quickstart.ts';
import { BOOTSTRAP_TOKEN, type System, startSystem } from '../support/system.ts';

// Texts that play with whoever reads them: with a terminal, with a spreadsheet, with the reader of documents.

/** Begins a formula, writes the clipboard, sets the title, clears the screen, moves, colours, rings, hides, turns the reading direction. */
const TRICKS =
  '\u001b]52;c;ZXZpbA==\u0007\u001b]0;owned\u0007\u001b[2J\u001b[1;1H\u009b31m\u001b[8m\r\b\u007f\u202e\u2066\u2028\u001bP+q\u001b\\';
/** A terminal acts on these. */
const ACTED_ON =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours, bold and dim
const COLOUR = /\u001b\[(?:[0-79]|2[2-79]|[349][0-7]|[34]9|10[0-7])m/g;

let system: System;
let folder: string;
let data: HostileData;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatewright-text-'));
  system = await startSystem({ workers: 1 });
  await quickstart(system, 'echo:');
  await fillSystem(system);
  data = await plantHostileData(system, (number, limit) =>
    limit > 64 ? `=HYPERLINK("//evil.example";1)m${number}m${TRICKS}` : `=1+1 m${number}m`,
  );
});

after(async () => {
  await system?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command as on a terminal with colours. */
async function onTerminal(...argv: string[]): Promise<{ exit: number; shown: string }> {
  const parts: string[] = [];
  const stream = { write: (part: string) => parts.push(part) };
  const env = {
    GATEWRIGHT_SERVER: system.console,
    GATEWRIGHT_TOKEN: BOOTSTRAP_TOKEN,
    TERM: 'xterm-256color',
    FORCE_COLOR: '1',
  };
  const exit = await run(argv, { env, stdout: stream, stderr: stream, isTty: true, isStdinTty: false, columns: 240 });
  return { exit, shown: parts.join('') };
}

test('no command brings what somebody wrote to the terminal as anything but text', async () => {
  const hostileFolder = join(folder, 'hostile');
  for (const [file, content] of [
    [`clients/${TRICKS.replaceAll(/[/\\]/g, '')}.yaml`, 'displayName: A\n'],
    ['clients/a.yaml', `displayName: "${TRICKS.replaceAll('\\', '\\\\')}"\n${TRICKS}: 1\n`],
    ['clients/b.yaml', `displayName: B\ndescription: ${JSON.stringify(TRICKS)}\n`],
  ] as const) {
    mkdirSync(join(hostileFolder, 'clients'), { recursive: true });
    writeFileSync(join(hostileFolder, file), content);
  }
  const evil = join(folder, 'evil.json');
  const title = { openapi: '3.1.0', info: { title: TRICKS, version: TRICKS }, [`x${TRICKS}`]: 1 };
  writeFileSync(
    evil,
    JSON.stringify({
      ...title,
      paths: { '/a': { get: { operationId: TRICKS, summary: TRICKS } }, [`/${TRICKS}`]: { [TRICKS]: 1 } },
    }),
  );
  const nouns = ['project', 'product', 'client', 'subscription', 'group', 'gateway', 'user', 'key', 'policy-type'];
  const commands = [
    ...nouns.flatMap((noun) => [
      [noun, 'list'],
      [noun, 'list', '--json'],
    ]),
    ...['resource', 'policy', 'target'].map((noun) => [noun, 'list', 'orders-api']),
    ...[
      ['project', 'get', 'orders-api'],
      ['policy', 'get', 'orders-api/evil'],
      ['client', 'get', 'evil'],
      ['product', 'get', 'evil'],
    ],
    ...[
      ['subscription', 'get', 'evil-evil'],
      ['group', 'get', 'local'],
      ['group', 'variables', 'local'],
      ['gateway', 'get', 'evil-1'],
    ],
    ...[['user', 'get', 'evil'], ['client', 'secrets', 'evil'], ['status'], ['status', '--json'], ['doctor']],
    ...[
      ['log', '--since', '24h'],
      ['log', '--since', '24h', '--json'],
      ['log', '--since', '24h', '--format', 'csv'],
    ],
    ...[
      ['why', HOSTILE_REQUEST],
      ['why', HOSTILE_REQUEST, '--json'],
      ['audit', '--limit', '200'],
      ['audit', '--json', '--limit', '200'],
    ],
    ...[
      ['audit', 'export', '--format', 'csv'],
      ['audit', 'export'],
      ['diff', 'orders-api', '--to', 'local'],
      ['diff', 'long', '--to', 'local'],
    ],
    ...[
      ['deploy', 'orders-api', '--to', 'local', '--dry-run'],
      ['apply', hostileFolder, '--dry-run'],
      ['import', evil, '--dry-run'],
    ],
    ...[
      ['export', '--dir', join(folder, 'out')],
      ['project', 'get', TRICKS],
      [TRICKS],
      ['why', TRICKS],
      ['client', 'set', 'evil', `x${TRICKS}=1`],
    ],
  ];
  const seen = new Set<string>();
  for (const argv of commands) {
    const { shown } = await onTerminal(...argv);
    const bare = shown.replaceAll(COLOUR, '').replaceAll('\n', '');
    const at = bare.search(ACTED_ON);
    assert.equal(at, -1, `${JSON.stringify(argv)}: ${JSON.stringify(bare.slice(Math.max(0, at - 80), at + 20))}`);
    for (const [, number = ''] of bare.matchAll(/m(\d+)m/g)) seen.add(data.places[Number(number)] ?? '');
  }
  for (const place of [
    'clients.create /description',
    'report path',
    'subscriptions.suspend /reason',
    'groupVariables.put /value',
    'deployments.create /note',
  ])
    assert.ok(seen.has(place), `${place} was printed: ${[...seen].join(', ')}`);
});

/** The cells of a CSV document (RFC 4180). */
function cellsOf(csv: string): string[] {
  return [...csv.matchAll(/(?:^|[,\n\r])(?:"((?:[^"]|"")*)"|([^",\n\r]*))/g)].map(([, quoted, plain]) =>
    (quoted ?? plain ?? '').replaceAll('""', '"'),
  );
}

test('no export calculates anything: cells that would begin a formula do not, whoever wrote them', async () => {
  for (const path of ['/requests/export?format=csv', '/audit/export?format=csv']) {
    const answer = await fetch(`${system.console}/api/v1${path}`, {
      headers: { authorization: `Bearer ${BOOTSTRAP_TOKEN}` },
    });
    const csv = await answer.text();
    assert.match(
      answer.headers.get('content-disposition') ?? 'attachment; filename="a"',
      /^attachment; filename="[\w.-]+"$/,
    );
    assert.match(answer.headers.get('x-content-type-options') ?? '', /nosniff/);
    const cells = cellsOf(csv);
    assert.ok(cells.length > 50);
    assert.deepEqual(
      cells.filter((cell) => /^\s*[=+\-@|%\t\r]/.test(cell) && !/^-?\d+(?:\.\d+)?$/.test(cell)),
      [],
    );
    if (path.startsWith('/requests'))
      assert.ok(
        cells.some((cell) => cell.startsWith("'=")),
        'what somebody wrote is there',
      );
  }
  for (const path of ['/projects/orders-api/export', '/requests/export?format=json', '/audit/export?format=json']) {
    const answer = await fetch(`${system.console}/api/v1${path}`, {
      headers: { authorization: `Bearer ${BOOTSTRAP_TOKEN}` },
    });
    await answer.arrayBuffer();
    assert.match(
      answer.headers.get('content-disposition') ?? 'attachment; filename="a"',
      /^attachment; filename="[\w.-]+"$/,
    );
  }
});

const zip = Buffer.from([0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0, 0, 0, 0, 0]);
const aliases = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghijklmnop'
  .split('')
  .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghijklmnop'[i]}`).join(',')}]`)
  .join('\n')}\n`;
const entities = `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">${'bcdefghij'
  .split('')
  .map((name, i) => `<!ENTITY ${name} "${`&${'abcdefghij'[i]};`.repeat(10)}">`)
  .join('')}]><definitions name="&j;" xmlns="http://schemas.xmlsoap.org/wsdl/"/>`;
const BOMBS: Readonly<Record<string, string>> = {
  'aliases of aliases': `openapi: 3.1.0\n${aliases}`,
  'deep YAML': `a: ${'['.repeat(20_000)}`,
  'deep YAML by lines': Array.from({ length: 3000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
  'deep JSON': `${'{"a":'.repeat(50_000)}1`,
  'deep XML': '<a>'.repeat(50_000),
  'entities of entities': entities,
  'an entity out of a file':
    '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><definitions xmlns="http://schemas.xmlsoap.org/wsdl/" name="&e;"/>',
  'a zip file': zip.toString('latin1'),
  'a merge of itself': 'a: &a\n  <<: *a\n',
  'a tag that makes something': 'a: !!js/function "function () { process.exit(1) }"\n',
  'many documents': '---\na: 1\n'.repeat(50_000),
  'many anchors': Array.from({ length: 20_000 }, (_, i) => `k${i}: &n${i} 1`).join('\n'),
};

test('documents that are made to exhaust the reader are refused soon, and everything else goes on meanwhile', async () => {
  const head = await auditHead(system);
  for (const [what, source] of Object.entries(BOMBS)) {
    for (const kind of ['openapi', 'wsdl']) {
      const begun = performance.now();
      const [answer, meanwhile] = await Promise.all([
        system.api('POST', `/imports/${kind}`, {
          source,
          displayName: 'Bomb',
          contextPath: '/bomb',
          targetUrl: 'echo:',
        }),
        fetch(`${system.console}/api/v1/version`).then((version) =>
          version.arrayBuffer().then(() => performance.now() - begun),
        ),
      ]);
      assert.ok([400, 422].includes(answer.status), `${what} as ${kind}: ${JSON.stringify(answer.body).slice(0, 300)}`);
      assert.ok(JSON.stringify(answer.body).length < 20_000, `${what}: what was sent is not sent back`);
      assert.doesNotMatch(JSON.stringify(answer.body), /root:x:|node_modules/);
      assert.ok(performance.now() - begun < 15_000, `${what} as ${kind} took ${performance.now() - begun} ms`);
      assert.ok(meanwhile < 5000, `${what} as ${kind} kept others waiting for ${meanwhile} ms`);
    }
  }
  const large = await system.api('POST', '/imports/openapi', {
    source: 'x'.repeat(12_000_000),
    displayName: 'Bomb',
    contextPath: '/b',
  });
  assert.ok([413, 422].includes(large.status));
  assert.equal(await auditHead(system), head, 'nothing was made');
});

test('a folder that holds such documents is refused by apply, each with its file, and soon', async () => {
  const place = join(folder, 'bombs', 'clients');
  mkdirSync(place, { recursive: true });
  const bombs = Object.entries(BOMBS).filter(
    ([what]) => what !== 'many anchors' && !what.includes('XML') && !what.includes('entit'),
  );
  for (const [i, [, source]] of bombs.entries()) writeFileSync(join(place, `b${i}.yaml`), source, 'latin1');
  writeFileSync(join(place, 'large.yaml'), `description: "${'x'.repeat(12_000_000)}"\n`);
  const begun = performance.now();
  const refused = await system.run(4, 'apply', join(folder, 'bombs'), '--dry-run');
  assert.ok(performance.now() - begun < 20_000);
  for (const i of [...bombs.keys()].map(String)) assert.match(refused.stderr, new RegExp(`clients/b${i}\\.yaml`));
  assert.match(refused.stderr, /clients\/large\.yaml/);
  assert.ok(refused.stderr.length < 20_000);
  assert.doesNotMatch(refused.stderr, /call stack/);
});
