// npm run bench: installs what is missing, then runs the measurements under Node 26.

import { join } from 'node:path';
import { becomeCommand, getNode, InstallError, installPackages, root } from './runtime.js';

try {
  installPackages('all');
  const run = join(root, 'bench', 'run.ts');
  await becomeCommand(getNode(), ['--disable-warning=ExperimentalWarning', run, ...process.argv.slice(2)]);
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
