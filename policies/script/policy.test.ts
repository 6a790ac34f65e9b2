import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '#core/errors';
import { createMessage, type TestRequest } from '#test/support/message';
import { createOAuthSystem } from '#test/support/oauth';
import { script } from './policy.ts';
import { createScriptPool } from './pool.ts';
import { schema } from './schema.ts';

const { compile } = createOAuthSystem();

async function run(source: string, settings: object = {}, request: TestRequest = {}) {
  const message = createMessage(request);
  message.whiteboard.set('scopes.for.token', new Set(['read']));
  message.whiteboard.assign('customer', { tier: 3, tags: ['a'] });
  await compile(script, { source, writes: ['out', 'scopes.for.token'], ...settings }).proxyRequest?.(message);
  return message;
}

/** What `out` is after a script. */
async function out(source: string, settings: object = {}, request: TestRequest = {}): Promise<unknown> {
  return (await run(source, settings, request)).whiteboard.get('out');
}

async function refusal(source: string, settings: object = {}, request: TestRequest = {}): Promise<Refusal> {
  const failed = await run(source, settings, request).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(failed instanceof Refusal, source);
  return failed;
}

const FORM: TestRequest = {
  method: 'POST',
  path: '/token',
  query: 'a=1&b=2&b=3&__proto__=x',
  headers: [
    ['Content-Type', 'application/x-www-form-urlencoded'],
    ['X-A', 'one'],
    ['x-a', 'two'],
  ],
  body: 'grant_type=password&name=A%20b',
};

test('reads attributes and the request, and writes attributes', async () => {
  assert.deepEqual(await out("message.set('out', message.get('customer').tier + 1)"), 4);
  assert.deepEqual(await out("message.set('out', [...message.get('scopes.for.token')])"), ['read']);
  assert.deepEqual(await out("message.set('out', new Set(['a', 'a', 1]))"), new Set(['a', '1']));
  assert.equal(await out("message.set('out', 1); message.set('out', undefined)"), undefined);
  assert.equal(await out("message.set('out', 1); message.set('out', message.get('out') + 1)"), 2);
  assert.equal(
    await out("message.set('out', `\u0024{message.get('customer').tier}`)"),
    '3',
    'templates are JavaScript',
  );
  const request = 'message.request';
  const seen = `message.set('out', [${request}.method, ${request}.path, ${request}.header('X-a'), ${request}.query('a'), ${request}.query('none') ?? null, ${request}.form('name') ?? null])`;
  assert.deepEqual(await out(seen, {}, FORM), ['POST', '/token', 'one, two', '1', null, null]);
  assert.deepEqual(await out(seen, { readForm: true }, FORM), ['POST', '/token', 'one, two', '1', null, 'A b']);
  const { whiteboard, facts } = await run("message.set('scopes.for.token', ['a', 'b'])");
  assert.deepEqual(whiteboard.get('scopes.for.token'), new Set(['a', 'b']));
  assert.deepEqual(facts, { wrote: ['scopes.for.token'] });
});

test('a parameter that came twice is refused as such', async () => {
  const refused = await refusal("message.request.query('b')", {}, FORM);
  assert.deepEqual([refused.code, refused.facts], ['parameter_repeated', { parameter: 'b', place: 'query' }]);
});

test('only what it is set to write is written, whatever it does to the language', async () => {
  const refused = await refusal("\nmessage.set('accesstoken', {})");
  assert.equal(refused.code, 'policy_error');
  assert.match(String(refused.facts.detail), /TypeError: message\.set: accesstoken is not among .*, in line 2/);
  const message = await run(
    "Array.prototype.includes = () => true; message.set('customer', 'forged'); message.set('__proto__', {}); message.set('out', 1)",
  );
  assert.deepEqual(message.whiteboard.get('customer'), { tier: 3, tags: ['a'] });
  assert.equal(message.whiteboard.get('out'), 1);
});

test('there is nothing of the host in it', async () => {
  const names = ['process', 'require', 'console', 'fetch', 'setTimeout', 'WebAssembly', 'std', 'os', 'Buffer'];
  const source = `message.set('out', ${JSON.stringify(names)}.map((name) => typeof globalThis[name]))`;
  assert.deepEqual(
    await out(source),
    names.map(() => 'undefined'),
  );
  for (const way of [
    "import('node:fs')",
    "message.set('out', typeof message.get.constructor('return this.process')())",
    "message.set('out', typeof message.constructor.constructor('return globalThis.require')())",
  ])
    assert.ok([undefined, 'undefined'].includes((await out(way)) as string), way);
});

test('nothing stays from one run to the next', async () => {
  for (let i = 0; i < 4; i += 1) {
    const source = "globalThis.seen = (globalThis.seen ?? 0) + 1; Object.prototype.x = 1; message.set('out', seen)";
    assert.equal(await out(source), 1);
    assert.equal(await out("message.set('out', ({}).x ?? 'clean')"), 'clean');
  }
});

test('limits of time, memory, depth and output end it, and the next one runs', async () => {
  const cases: [source: string, expected: RegExp, settings?: object][] = [
    ['for (;;);', /^it ran longer than 50 ms, in line \d$/],
    ['for (;;) { try { for (;;); } catch {} finally { continue; } }', /^it ran longer than 50 ms/],
    ['/(a+)+$/.test("a".repeat(40) + "b")', /^it ran longer than 50 ms/],
    ['"x".repeat(1e9)', /^it needed more than 8388608 bytes, in line 1$/],
    ['const a = []; for (;;) a.push([])', /^it needed more than/, { timeLimitMs: 1000 }],
    ['(function f() { f(); })()', /^InternalError, in line 1$/],
    ['message.set("out", "x".repeat(70000))', /^it wrote more than 65536 characters$/],
    ['new Array(4294967295).indexOf(1)', /^it ran longer than 50 ms$/],
  ];
  for (const [source, expected, settings] of cases) {
    const { code, facts } = await refusal(source, settings);
    assert.equal(code, 'policy_error');
    assert.match(String(facts.detail), expected, source);
    assert.equal(await out("message.set('out', 1)"), 1, `after ${source}`);
  }
});

test('what went wrong is told by its line, and never by the data', async () => {
  const cases: [source: string, detail: string][] = [
    ['const a = 1;\nfoo.bar', "ReferenceError: 'foo' is not defined, in line 2"],
    ['\n\nundefined.x', "TypeError: cannot read property 'x' of undefined, in line 3"],
    ['throw new Error("secret")', 'Error, in line 1'],
    ['throw "secret"', 'Error'],
    ['throw null', 'Error'],
    ['JSON.parse("secret")', 'SyntaxError, in line 1'],
    ['throw { get name() { throw 1 }, message: "secret", stack: 5 }', 'Error'],
    ['const error = new Error("secret"); error.name = "secret"; throw error', 'Error, in line 1'],
    ['message.set("out", (() => { const a = {}; a.a = a; return a; })())', ''],
  ];
  for (const [source, detail] of cases) {
    const { code, facts } = await refusal(source);
    assert.equal(code, 'policy_error');
    assert.doesNotMatch(JSON.stringify(facts), /secret/);
    if (detail !== '') assert.equal(facts.detail, detail, source);
  }
});

test('scripts wait for a thread, and too many are refused', async () => {
  const pool = createScriptPool();
  const job = {
    source: 'for (;;);',
    input: JSON.stringify({ attributes: {}, writes: [], query: {}, form: {} }),
    timeLimitMs: 1,
    memoryLimitBytes: 1_048_576,
  };
  const runs = Array.from({ length: 200 }, () => pool.run(job));
  assert.throws(
    () => pool.run(job),
    (error) => error instanceof Refusal && error.code === 'gateway_busy',
  );
  assert.equal((await Promise.all(runs)).filter(({ kind }) => kind === 'failed').length, 200);
  await pool.close();
});

test('requests go on while scripts run', async () => {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 5);
  await Promise.all([1, 2].map(() => refusal('for (;;);', { timeLimitMs: 300 })));
  clearInterval(timer);
  assert.ok(turns > 10, String(turns));
});

test('a script that cannot be read is refused at deploy, with its line', () => {
  const { error } = schema.safeParse({ source: 'let a;\nlet = = 3;' });
  assert.match(error?.issues[0]?.message ?? '', /in line 2/);
  for (const bad of ['', 'x'.repeat(65_537), 'import "fs"', 'return 1'])
    assert.equal(schema.safeParse({ source: bad }).success, false, bad.slice(0, 20));
  assert.equal(schema.safeParse({ source: '1', writes: ['accesstoken'] }).success, false);
  assert.equal(schema.safeParse({ source: '1', writes: ['a', 'a'] }).success, false);
});

test('the card says how long it is and what it writes', () => {
  const config = schema.parse({ source: 'a;\nb;\n', writes: ['x'] });
  assert.equal(script.summarize(config), '2 lines, writes x');
  assert.deepEqual(script.writes?.(config), ['x']);
});
