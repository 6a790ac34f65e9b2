import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { environment, GATEWRIGHT, type System, startSystem } from '../support/system.ts';

// What README.md and docs/getting-started.md say to type is typed here, in their order, in a folder of its own; `npm` lines are
// left out, since the tests themselves were started by one.

const root = join(import.meta.dirname, '..', '..');

/** A line of a document's `sh` blocks, and what must come of it. */
interface Said {
  readonly line: RegExp;
  /** Found in what the line prints on standard output and standard error. */
  readonly gives: readonly RegExp[];
  /** Exit code; 0 unless given. */
  readonly exit?: number;
}

/** The lines of a document's `sh` blocks, without those of npm. */
function linesOf(document: string): string[] {
  const blocks = [...readFileSync(join(root, document), 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)];
  return blocks.flatMap(([, block = '']) => block.trimEnd().split('\n')).filter((line) => !line.startsWith('npm '));
}

/** Runs every line in one shell each, with what `. ./.env` read before, and compares it with what was said. */
async function follow(document: string, system: System, said: readonly Said[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-readme-'));
  mkdirSync(join(folder, 'bin'));
  symlinkSync(GATEWRIGHT, join(folder, 'bin', 'gatewright'));
  const left = [...said];
  let sourced = '';
  let requestId = '';
  try {
    for (const line of linesOf(document)) {
      const next = left.shift();
      if (next === undefined || !next.line.test(line))
        throw new Error(`${document} says what is not expected here: ${line}`);
      const typed = line
        .replaceAll('http://127.0.0.1:8000', system.gateway)
        .replaceAll('http://127.0.0.1:9000', system.console)
        .replace('SETUP-LINK', system.setup ?? '')
        .replace('req_…', requestId);
      if (line.startsWith('. ')) {
        sourced = `${line}; `;
        continue;
      }
      const fits = ({ code, output }: Typed) =>
        code === (next.exit ?? 0) && next.gives.every((wanted) => wanted.test(output));
      let result = await type(`${sourced}${typed}`, folder, system.dataDir);
      // A record is there within three seconds of its answer.
      for (let tries = 0; /gatewright (log|why)/.test(line) && !fits(result) && tries < 6; tries += 1) {
        await sleep(500);
        result = await type(`${sourced}${typed}`, folder, system.dataDir);
      }
      assert.ok(fits(result), `$ ${typed}\n${result.output}\n→ ${result.code}, wanted ${next.gives.join(' ')}`);
      requestId = /req_[0-9A-Z]{16}/.exec(result.output)?.[0] ?? requestId;
    }
    assert.deepEqual(
      left.map(({ line }) => line),
      [],
      `${document} no longer says this`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Typed {
  readonly code: number | null;
  readonly output: string;
}

function type(line: string, cwd: string, dataDir: string): Promise<Typed> {
  return new Promise((resolve) => {
    const shell = spawn('sh', ['-c', line], { cwd, env: environment(dataDir), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [shell.stdout, shell.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    shell.once('close', (code) => resolve({ code, output }));
  });
}

test('README.md: what it says to type gives what it says', async () => {
  await using system = await startSystem();
  await follow('README.md', system, [
    { line: /^bin\/gatewright quickstart$/, gives: [/Project AccessToken at \/token/, /^curl -H /m] },
    { line: /^bin\/gatewright log --status 401$/, gives: [/\t401\t.*\ttoken_missing\t.*\treq_/] },
    { line: /^bin\/gatewright why req_…$/, gives: [/No token: none was sent in the header/, /Target +not called/] },
  ]);
});

test('docs/getting-started.md: what it says to type gives what it says', async () => {
  await using system = await startSystem({ env: { GATEWRIGHT_BOOTSTRAP_TOKEN: '' } });
  await follow('docs/getting-started.md', system, [
    { line: /quickstart --out \.env$/, gives: [/Key and secret are in .*\.env, readable by you only/, /^curl /m] },
    { line: /call orders-api GET \/1 --env-file \.env -v$/, gives: [/^POST .*\/token/m, /200 in/, /"path":"\/1"/] },
    { line: /^\. \.\/\.env$/, gives: [] },
    {
      line: /^curl -d grant_type=/,
      gives: [/\{"access_token":"[0-9A-Za-z]{54}","token_type":"Bearer","expires_in":600\}/],
    },
    { line: /^curl -i .*\/orders\/1$/, gives: [/ 401 /, /x-request-id: req_/i] },
    { line: /log --status 401$/, gives: [/\t401\tGET\t\/orders\/1\t/] },
    { line: /why req_…$/, gives: [/No token/, /^Fix /m] },
    { line: /resource create orders-api /, gives: [/health/] },
    { line: /diff orders-api --to local$/, gives: [/“Health”/, /1 difference/], exit: 2 },
    { line: /deploy orders-api --to local --note /, gives: [/Live\./] },
    { line: /^curl .*\/orders\/health$/, gives: [/"path":"\/health"/] },
    { line: /rollback orders-api --on local /, gives: [/Live: v1 in Local/] },
    { line: /project create Tokens /, gives: [/Created project tokens/] },
    { line: /deploy tokens --to local$/, gives: [/Live\./] },
    { line: /project create "Stock API" /, gives: [/Created project stock-api/] },
    { line: /deploy stock-api --to local$/, gives: [/Live\./] },
    { line: /product create Store /, gives: [/Created product store/] },
    { line: /client create "Till"$/, gives: [/Created client till/] },
    { line: /subscription create --client till --product store$/, gives: [/till-store/] },
    { line: /subscription keys till-store --generate --out till\.env$/, gives: [/till\.env/] },
    { line: /call stock-api GET \/7 --env-file till\.env$/, gives: [/"path":"\/7"/] },
    { line: /client rotate till --keep-old 24h --out till\.env$/, gives: [/another 24h/] },
    { line: /client secrets till$/, gives: [/…/] },
    { line: /export --dir apis$/, gives: [/./] },
    { line: /apply apis --dry-run$/, gives: [/Nothing to change/] },
    { line: /setup SETUP-LINK --out gatewright\.token$/, gives: [/The setup link is used up/] },
    { line: /^GATEWRIGHT_SERVER=.* status$/, gives: [/Gateways 1\/1/] },
  ]);
});
