import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigErrors, environmentOf, listSettings, maskConfig, readConfig } from './config.ts';
import { isConfigurationDocsFresh } from './configuration-docs.ts';

function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-config-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigErrors) return error.problems;
    throw error;
  }
  return [];
}

test('environment wins over file, file over defaults, options over all', () => {
  inFolder((folder) => {
    const file = join(folder, 'c.yaml');
    writeFileSync(file, 'workers: 3\nmanager:\n  port: 9100\ngateway:\n  port: 8100\n');
    const config = readConfig({
      env: { GATEWRIGHT_MANAGER_PORT: '9200', ...environmentOf({ 'gateway.port': '8300', workers: undefined }) },
      file,
    });
    assert.equal(config.workers, 3);
    assert.equal(config.manager.port, 9200);
    assert.equal(config.gateway.port, 8300);
    assert.equal(config.manager.host, '127.0.0.1');
  });
});

test('all errors are told at once, each with its place and a suggestion', () => {
  inFolder((folder) => {
    const file = join(folder, 'c.yaml');
    writeFileSync(file, 'manger:\n  port: 1\ngateway:\n  prot: 2\n  port: 99999\n');
    const problems = problemsOf(() =>
      readConfig({ env: { GATEWRIGHT_GATEWAY_PROT: '1', GATEWRIGHT_WORKERS: 'two' }, file }),
    );
    assert.ok(
      problems.some(
        (text) => text.includes('GATEWRIGHT_GATEWAY_PROT') && text.includes('Did you mean GATEWRIGHT_GATEWAY_PORT?'),
      ),
    );
    assert.ok(problems.some((text) => text.includes('GATEWRIGHT_WORKERS must be a whole number')));
    assert.ok(problems.some((text) => text.startsWith('gateway.prot is not a setting. Did you mean gateway.port?')));
    assert.ok(problems.some((text) => text.startsWith('manger is not a setting.')));
    assert.ok(problems.some((text) => text.startsWith('gateway.port (GATEWRIGHT_GATEWAY_PORT)')));
  });
});

test('broken YAML is refused with line and column', () => {
  inFolder((folder) => {
    const file = join(folder, 'c.yaml');
    writeFileSync(file, 'manager:\n  port: [1\n');
    assert.match(problemsOf(() => readConfig({ env: {}, file }))[0] ?? '', /line 3, column 1/);
  });
});

test('a secret comes from a file too, and is masked when shown', () => {
  inFolder((folder) => {
    const file = join(folder, 'token');
    const secret = 'x'.repeat(40);
    writeFileSync(file, `${secret}\n`);
    const config = readConfig({ env: { GATEWRIGHT_BOOTSTRAP_TOKEN_FILE: file } });
    assert.equal(config.bootstrapToken, secret);
    assert.ok(!JSON.stringify(maskConfig(config)).includes(secret));
  });
});

test('secrets within groups of settings are masked too', () => {
  const env = {
    GATEWRIGHT_TOKEN_STORE_URL: 'redis://u:hidden-1@h:1',
    GATEWRIGHT_COUNTER_STORE_URL: 'redis://u:hidden-2@h:1',
  };
  const text = JSON.stringify(maskConfig(readConfig({ env })));
  assert.ok(!text.includes('hidden'), text);
  assert.match(text, /"counterStore":{"url":"\*\*\*"}/);
});

test('settings that do not go together are refused', () => {
  const problems = problemsOf(() =>
    readConfig({
      env: {
        GATEWRIGHT_BOOTSTRAP_TOKEN: 'short',
        GATEWRIGHT_MANAGER_CERT_FILE: 'a.pem',
        GATEWRIGHT_TOKEN_STORE_URL: 'memory:',
      },
    }),
  );
  assert.equal(problems.length, 3);
});

test('every setting has a variable of its own and a description', () => {
  const settings = listSettings();
  assert.equal(new Set(settings.map((setting) => setting.variable)).size, settings.length);
  for (const setting of settings) assert.ok(setting.schema.description, setting.path);
});

test('docs/configuration.md is the one that the schema makes', () => {
  assert.ok(isConfigurationDocsFresh(), 'run: node main/configuration-docs.ts');
});
