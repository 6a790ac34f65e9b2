// npm start: installs what is missing, then becomes `gatewright start`. Plain JavaScript valid on Node 20.
// What is told on the way goes to stderr; stdout belongs to the program (`npm start -- --json`).

import { join } from 'node:path';
import { becomeCommand, getNode, InstallError, installPackages, root } from './runtime.js';

try {
  installPackages('production');
  const node = getNode();
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
