import { useCompileCache } from './compile-cache.ts';

useCompileCache();

const { run } = await import('#cli/run');
const { addLocalCommands } = await import('./commands.ts');

process.exitCode = await run(process.argv.slice(2), {
  localCommands: addLocalCommands,
  loadDiff: async () => (await import('#manager/deployments/diff')).diffSnapshots,
});
