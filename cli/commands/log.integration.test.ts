import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { HandClock } from '#core/clock';
import type { ExchangeRecord } from '#core/model/exchange-record';
import { BOOTSTRAP_TOKEN, type RunningManager, startTestManager } from '#test/support/running-manager';
import { run } from '../run.ts';

/** Clears the screen, sets the title, moves the cursor, hides text, turns the reading direction, begins a formula. */
const HOSTILE = '/\u001b[2J\u001b]0;owned\u0007\u009b31m\r\b\u202egpj.exe\u2028=1+1';
/** A terminal acts on these; line breaks and the colours that the program itself writes are not among what is looked for. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ACTED_ON = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour
const COLOUR = /\u001b\[\d+m/g;

async function gatewright(server: string, isTty: boolean, ...argv: string[]) {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const exit = await run(argv, {
    env: { GATEWRIGHT_SERVER: server, GATEWRIGHT_TOKEN: BOOTSTRAP_TOKEN, TERM: 'xterm' },
    stdout: { write: (part) => stdout.push(part) },
    stderr: { write: (part) => stderr.push(part) },
    isTty,
    columns: 400,
  });
  return { exit, stdout: stdout.join(''), stderr: stderr.join('') };
}

async function startWithRequests(t: TestContext): Promise<RunningManager> {
  const manager = await startTestManager(t, { clock: new HandClock(Date.now()) });
  const at = manager.clock.now();
  const record = (id: string, rest: Partial<ExchangeRecord>): ExchangeRecord => ({
    ...{ id, at, gatewayId: 'gtw_1', gateway: 'local-1', serverGroup: 'local', method: 'GET', host: 'api.test' },
    ...{ path: '/orders/1', queryNames: [], remoteAddress: '10.0.0.1', status: 404, tookMs: 1, requestBytes: 0 },
    ...{ responseBytes: 0, policies: [], code: 'route_unknown', facts: { nearest: HOSTILE }, ...rest },
  });
  const hostile = { path: HOSTILE, host: HOSTILE, clientName: HOSTILE, method: HOSTILE };
  const records = [record('req_A', hostile), record('req_B', { gateway: 'gw-2', tookMs: 800 })];
  const head = { gatewayId: 'gtw_1', name: 'local-1', serverGroup: 'local', address: '', softwareVersion: '0' };
  const state = { startedAt: at, epoch: '', seq: 0, state: 'ready', workers: 1, refused: [], batchId: 'b1' };
  const body = JSON.stringify({ ...head, ...state, records, counts: [], dropped: [], secretsUsed: [] });
  const request = http.request({
    socketPath: path.join(manager.dataDir, 'manager.sock'),
    ...{ method: 'POST', path: '/internal/v1/reports', headers: { 'content-type': 'application/json' } },
  });
  request.end(body);
  const [answer] = await once(request, 'response');
  assert.equal(answer.statusCode, 200, await text(answer));
  return manager;
}

test('no request that was logged reaches the terminal with a character that it acts on', async (t) => {
  const { address } = await startWithRequests(t);
  for (const argv of [
    ['log'],
    ['log', '--json'],
    ['log', '--format', 'csv'],
    ['log', '--format', 'jsonl'],
    ['why', 'req_A'],
  ]) {
    const { exit, stdout, stderr } = await gatewright(
      address,
      true,
      ...argv,
      ...(argv[0] === 'log' ? ['--since', '24h'] : []),
    );
    assert.equal(exit, 0, stderr);
    const shown = (stdout + stderr).replaceAll(COLOUR, '');
    assert.match(shown, /gpj\.exe/, argv.join(' '));
    assert.doesNotMatch(shown, ACTED_ON, argv.join(' '));
  }
});

test('the log is filtered by gateway and time taken, and taken away as CSV', async (t) => {
  const { address } = await startWithRequests(t);
  const log = (...argv: string[]) => gatewright(address, false, 'log', '--since', '24h', ...argv);
  assert.match((await log('--gateway', 'gw-2')).stdout, /req_B/);
  assert.doesNotMatch((await log('--over', '500ms')).stdout, /req_A/);
  const csv = (await log('--format', 'csv', '--address', '10.0')).stdout;
  assert.match(csv, /^time,request,status,/);
  assert.equal(csv.match(/req_[AB]/g)?.length, 2);
  const wrong = await log('--format', 'xml');
  assert.equal(wrong.exit, 64);
});
