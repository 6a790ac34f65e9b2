import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandSpec } from './command-spec.ts';
import { DAILY_COMMANDS } from './grammar-daily.ts';
import { NOUN_COMMANDS } from './grammar-nouns.ts';
import { SERVER_COMMANDS } from './grammar-server.ts';
import { run } from './run.ts';

/** Runs the program with nothing of this process, and no server. */
async function gatewright(...argv: string[]) {
  let [stdout, stderr] = ['', ''];
  const exit = await run(argv, {
    env: { GATEWRIGHT_DATA_DIR: '/nonexistent/gatewright-data' },
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    isTty: false,
    columns: 100,
  });
  return { exit, stdout, stderr };
}

const leaves = (specs: readonly CommandSpec[]): CommandSpec[] =>
  specs.flatMap((spec) =>
    spec.load === undefined ? leaves(spec.commands ?? []) : [spec, ...leaves(spec.commands ?? [])],
  );

test('every command can be carried out', async () => {
  for (const { load, name } of leaves([...DAILY_COMMANDS, ...NOUN_COMMANDS, ...SERVER_COMMANDS])) {
    assert.equal(typeof (await load?.()), 'function', name);
  }
});

test('without arguments, and with --help, the help is the result: first steps before all else', async () => {
  const [none, asked] = [await gatewright(), await gatewright('--help')];
  assert.equal(none.exit, 0);
  assert.equal(none.stdout, asked.stdout);
  assert.ok(none.stdout.indexOf('First steps:') < none.stdout.indexOf('Every day:'));
  assert.match(none.stdout, /gatewright quickstart +make an OAuth-protected API/);
});

test('--version and -V print the version alone', async () => {
  const { stdout, exit } = await gatewright('--version');
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  assert.equal(exit, 0);
  assert.equal((await gatewright('-V')).stdout, stdout);
});

test('a mistyped command is exit 64 and says what was meant', async () => {
  const { exit, stderr, stdout } = await gatewright('depoy', 'orders');
  assert.equal(exit, 64);
  assert.equal(stdout, '');
  assert.match(stderr, /^✖ Unknown command 'depoy'\./);
  assert.match(stderr, /Did you mean deploy\?/);
  assert.match(stderr, /code usage · exit 64 · docs gatewright help errors usage\n$/);
});

const wrong: readonly (readonly string[])[] = [
  ['deploy'],
  ['deploy', 'a', '--version', 'x'],
  ['deploy', 'a', '--wait', '60'],
  ['deploy', 'a', '--nonsense'],
  ['log', '--status', 'bad'],
  ['log', '--limit', '0'],
  ['why', 'not-an-id'],
  ['call', 'a', 'FETCH', '/'],
  ['client', 'rotate', 'a'],
  ['management-key', 'create', 'CI'],
  ['policy', 'set', 'a/b', 'nonsense'],
  ['export'],
  ['apply', '/nonexistent/folder'],
  ['completion', 'tcsh'],
  ['help', 'nonsense'],
  ['project'],
];
for (const argv of wrong) {
  test(`exit 64: gatewright ${argv.join(' ')}`, async () => assert.equal((await gatewright(...argv)).exit, 64));
}

test('a server that does not run is exit 7, and the way to start it is named', async () => {
  const { exit, stderr } = await gatewright('status');
  assert.equal(exit, 7);
  assert.match(stderr, /^✖ Cannot show the status: Gatewright is not running here\./);
  assert.match(stderr, /Looked for it in the data directory \/nonexistent\/gatewright-data\./);
  assert.match(stderr, /gatewright start/);
});

test('with --json an error is one document on stderr and nothing is on stdout', async () => {
  const { stderr, stdout } = await gatewright('status', '--json');
  assert.equal(stdout, '');
  const error = JSON.parse(stderr);
  assert.equal(error.code, 'unreachable');
  assert.equal(error.exit, 7);
  assert.equal(JSON.parse((await gatewright('--json', 'depoy')).stderr).exit, 64);
});

test('help errors works without a server: a reason code, a problem code, what a caller is told, all, a mistyped one', async () => {
  const expired = await gatewright('help', 'errors', 'token_expired');
  assert.equal(expired.exit, 0);
  assert.match(expired.stdout, /^token_expired {2}401\n/);
  assert.match((await gatewright('help', 'errors', 'DEPLOY_PATH_TAKEN')).stdout, /exit 4/);
  assert.match((await gatewright('help', 'errors')).stdout, /scope_missing/);
  assert.match((await gatewright('help', 'errors', 'invalid_token')).stdout, /\btoken_revoked\t401\n/);
  assert.match((await gatewright('help', 'errors', 'start_failed')).stdout, /exit 1/);
  const near = await gatewright('help', 'errors', 'token_expird');
  assert.equal(near.exit, 3);
  assert.match(near.stderr, /Did you mean token_expired\?/);
  assert.equal(JSON.parse((await gatewright('help', 'errors', '--json')).stdout).commandLine.length > 3, true);
});

test('help of a command has its options and examples', async () => {
  const { stdout } = await gatewright('help', 'client', 'rotate');
  assert.match(stdout, /--keep-old <duration>/);
  assert.match(stdout, /Examples:\n {2}gatewright client rotate mobile-shop --keep-old 24h --out \.env/);
});

for (const shell of ['bash', 'zsh', 'fish']) {
  test(`completion for ${shell} knows commands, verbs and options`, async () => {
    const { stdout, exit } = await gatewright('completion', shell);
    assert.equal(exit, 0);
    for (const word of ['quickstart', 'rollback', 'rotate', 'dry-run']) assert.ok(stdout.includes(word), word);
  });
}

test('a secret in an argument is refused before anything is asked', async () => {
  const { exit } = await gatewright('call', 'a', 'GET', '/', '--secret', 'gws_x');
  assert.equal(exit, 64);
});
