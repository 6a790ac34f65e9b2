// npm start: installs what is missing, builds the console when it is missing or older than its sources, then becomes `gatewright start`. Plain JavaScript valid on Node 20.
// What is told on the way goes to stderr; stdout belongs to the program (`npm start -- --json`).

import { join } from 'node:path';
import { buildConsole } from './console.js';
import { becomeCommand, getNode, InstallError, installPackages, root } from './runtime.js';

try {
  installPackages('production');
  const node = getNode();
  buildConsole();
  const args = [
    '--disable-warning=ExperimentalWarning',
    join(root, 'main', 'cli.ts'),
    'start',
    ...process.argv.slice(2),
  ];
  await becomeCommand(node, args);
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
