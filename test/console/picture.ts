import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser, openConsole, setUp } from '../support/browser.ts';
import { startSystem } from '../support/system.ts';

// Takes the picture of README.md anew: `npm run picture`. A system of its own, filled through the command line as people would.

const folder = join(import.meta.dirname, '..', '..', 'docs', 'pictures');

/** What the picture shows, as commands. */
const COMMANDS = [
  ['project', 'create', 'AccessToken', 'kind=oauth-token-endpoint', 'contextPath=/token'],
  [
    'project',
    'create',
    'Orders API',
    'kind=http',
    'contextPath=/orders',
    'targetUrl=http://orders.internal:8080',
    'secureWith=oauth',
    'scopes=orders:read',
  ],
  [
    'policy',
    'create',
    'orders-api',
    'type=set-headers',
    'displayName=Name the channel',
    'set=[{"name":"X-Channel","value":"public"}]',
  ],
  [
    'policy',
    'create',
    'orders-api',
    'type=set-headers',
    'displayName=No caching',
    'set=[{"name":"Cache-Control","value":"no-store"}]',
  ],
  ['policy', 'create', 'orders-api', 'type=set-headers', 'displayName=Hide the server', 'remove=Server,X-Powered-By'],
  ['policy', 'attach', 'orders-api/name-the-channel', '--at', 'targetRequest'],
  ['policy', 'attach', 'orders-api/no-caching', '--at', 'proxyResponse'],
  ['policy', 'attach', 'orders-api/hide-the-server', '--at', 'proxyResponse'],
];

await using system = await startSystem({ env: { GATEWRIGHT_BOOTSTRAP_TOKEN: '' }, workers: 1 });
for (const command of COMMANDS) await system.run(0, ...command);
await system.run(0, 'deploy', 'orders-api', '--to', 'local', '--note', 'first version');
await system.run(0, 'policy', 'set', 'orders-api/oauth-verify-access-token', 'scopes=orders:read,orders:write');

const browser = await openBrowser();
try {
  await using console = await openConsole(browser, system);
  await setUp(console.page, system);
  await console.page.goto('/projects/orders-api/resources/default-resource');
  await console.page
    .getByRole('region', { name: 'Proxy Request' })
    .getByRole('button', { name: /^OAuth Verify/ })
    .click();
  await console.page.getByRole('complementary', { name: /^Settings of/ }).waitFor();
  await console.page.mouse.move(0, 0);
  mkdirSync(folder, { recursive: true });
  for (const scheme of ['light', 'dark'] as const) {
    await console.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await console.page.waitForTimeout(300);
    await console.page.screenshot({
      path: join(folder, scheme === 'light' ? 'resource-editor.png' : 'resource-editor-dark.png'),
    });
  }
} finally {
  await browser.close();
}
