import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CliError } from './cli-error.ts';
import { showError } from './error-view.ts';
import { createOutput } from './output.ts';

function shown(error: CliError, doing: string | undefined, json = false): string {
  let text = '';
  const stream = { write: (more: string) => (text += more) };
  showError(createOutput({ stdout: stream, stderr: stream, isTty: false, columns: 80, json, env: {} }), error, doing);
  return text;
}

const taken = new CliError('Path /orders is already served by “Legacy orders” in Production.', {
  code: 'deploy_path_taken',
  exit: 4,
  lines: ['Two projects cannot share a path.'],
  fixes: [
    { text: 'Change the path', command: 'gatewright project set orders contextPath=/orders-v2' },
    { text: 'Free it', command: 'gatewright undeploy legacy-orders --on production' },
  ],
});

test('an error says what could not be done, why, what to do, and its code last', () => {
  assert.equal(
    shown(taken, 'deploy Orders API'),
    `✖ Cannot deploy Orders API: Path /orders is already served by “Legacy orders” in Production.

  Two projects cannot share a path.

  Do one of these
    Change the path   gatewright project set orders contextPath=/orders-v2
    Free it           gatewright undeploy legacy-orders --on production

  code deploy_path_taken · exit 4 · docs gatewright help errors deploy_path_taken
`,
  );
});

test('with --json it is one document', () => {
  const error = JSON.parse(shown(taken, 'deploy Orders API', true));
  assert.equal(error.code, 'deploy_path_taken');
  assert.equal(error.exit, 4);
  assert.equal(error.fixes.length, 2);
});

test('text from a server cannot play with the terminal', () => {
  assert.ok(!shown(new CliError('a\u001b[31mb'), undefined).includes('\u001b'));
});
