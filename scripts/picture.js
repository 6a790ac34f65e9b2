// npm run picture: takes the pictures of README.md anew, of a system of its own in the system's Chromium.

import { dirname, join } from 'node:path';
import { buildConsole } from './console.js';
import { becomeCommand, getNode, InstallError, installPackages, root } from './runtime.js';
import { meetTestNeeds } from './test-needs.js';

try {
  installPackages('all');
  buildConsole();
  for (const sentence of meetTestNeeds()) console.error(sentence);
  const node = getNode();
  const environment = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH ?? ''}` };
  await becomeCommand(
    node,
    ['--disable-warning=ExperimentalWarning', join(root, 'test', 'console', 'picture.ts')],
    environment,
  );
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
