// npm test: installs what the tests need, then runs every stage, or those that are named: `npm test -- unit contract`.
// All stages run, whatever fails; the exit code says whether all passed. `--rounds N` sets the rounds of the faults.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { buildConsole } from './console.js';
import { getNode, InstallError, installPackages, root, runCommand } from './runtime.js';
import { meetTestNeeds } from './test-needs.js';

const areas = [
  'core',
  'gateway',
  'policies',
  'auth',
  'manager',
  'stores',
  'telemetry',
  'cli',
  'console',
  'main',
  'bench',
];

const minute = 60_000;

/** The stages in order: what to run, as `{ name, commands(rounds) }`. */
const stages = [
  {
    name: 'check',
    commands: () => [
      { title: 'types', module: 'typescript/bin/tsc', args: ['--noEmit'] },
      { title: 'types of the console', module: 'typescript/bin/tsc', args: ['--noEmit', '-p', 'console'] },
      { title: 'lint and format', module: '@biomejs/biome/bin/biome', args: ['check', '--error-on-warnings'] },
      { title: 'dead code', module: 'knip/bin/knip.js', args: ['--no-progress'] },
      { title: 'architecture', args: ['--test', 'test/architecture.test.ts'] },
      { title: 'links of the docs', args: ['--test', 'test/docs.test.ts'] },
    ],
  },
  // Two processes for all, one a core: they wait for nothing and share nothing, so that starting Node a hundred times would be most of it.
  { name: 'unit', ...inTwoProcesses((file) => isUnit(file) && !hasManagerDatabase(file)) },
  // Those of the manager beside its database: each test has one, in a file.
  { name: 'database', ...inTwoProcesses((file) => isUnit(file) && hasManagerDatabase(file)) },
  {
    name: 'integration',
    commands: () => [tests(areas, { timeoutMs: 2 * minute, atATime: 3, only: (file) => !isUnit(file) })],
  },
  // The tests of the manager once more, on PostgreSQL: those that have a database.
  {
    name: 'postgres',
    commands: () => [
      tests(['manager', 'cli'], {
        timeoutMs: 2 * minute,
        atATime: 3,
        only: hasManagerDatabase,
        setup: 'test/support/manager-postgres.ts',
      }),
    ],
  },
  { name: 'contract', commands: () => [tests(['test/contract'], { timeoutMs: 5 * minute, atATime: 2 })] },
  { name: 'conformance', commands: () => [tests(['test/conformance'], { timeoutMs: 5 * minute, atATime: 2 })] },
  { name: 'clients', commands: () => [tests(['test/clients'], { timeoutMs: 10 * minute, atATime: 1 })] },
  { name: 'journeys', commands: () => twoAtATime('test/journeys', 10 * minute) },
  { name: 'console', commands: () => twoAtATime('test/console', 10 * minute) },
  {
    name: 'faults',
    commands: (rounds) => [
      tests(['test/faults'], {
        timeoutMs: 20 * minute * rounds,
        atATime: 1,
        environment: { GATEWRIGHT_FAULT_ROUNDS: String(rounds) },
      }),
    ],
  },
];

/** Tests beside the code: those that open sockets, start processes or wait are named `x.integration.test.ts`. */
const isUnit = (file) => !file.endsWith('.integration.test.ts');

const hasManagerDatabase = (file) =>
  /open(?:Test)?(?:Manager|Database)\(|startTestManager\(|managerDatabase\(/.test(
    readFileSync(join(root, file), 'utf8'),
  );

/** Files whose tests say how long something may take, or choose ports: beside others they would tell of the machine and not of the product. */
const alone = [
  ...['attacks-text', 'first-call', 'notice', 'revocation', 'rotate-secret', 'start', 'storage-low', 'why'].map(
    (name) => `journeys/${name}`,
  ),
  ...['import', 'rollback', 'why'].map((name) => `console/${name}`),
].map((name) => join('test', `${name}.test.ts`));

/** Tests beside the code, in two processes for all. */
function inTwoProcesses(only) {
  return {
    commands: () => [1, 2].map((part) => tests(areas, { timeoutMs: minute, only, part: `${part}/2` })),
    isParallel: true,
  };
}

/** The files of a folder two at a time, since each waits most of the time for what it has started; then, one by one, those that measure. */
function twoAtATime(folder, timeoutMs) {
  const isAlone = (file) => alone.includes(file);
  return [
    tests([folder], { timeoutMs, atATime: 2, only: (file) => !isAlone(file) }),
    tests([folder], { timeoutMs, atATime: 1, only: isAlone }),
  ];
}

/** One `node --test` over all test files under the folders; `atATime`: files at once, 1 where they share the machine's ports and disk; `part`: one process for a part of them; `setup`: runs before and after them all. */
function tests(folders, { timeoutMs, atATime, environment = {}, only = () => true, part, setup }) {
  const files = folders.flatMap(testFiles).filter(only);
  const flags = [
    `--test-timeout=${timeoutMs}`,
    ...(atATime === undefined ? [] : [`--test-concurrency=${atATime}`]),
    ...(setup === undefined ? [] : [`--test-global-setup=${join(root, setup)}`]),
    ...(part === undefined ? [] : ['--test-isolation=none', `--test-shard=${part}`]),
  ];
  return {
    title: `${files.length} files${part === undefined ? '' : `, part ${part}`}`,
    files,
    args: ['--test', ...flags, ...files],
    environment,
  };
}

function testFiles(folder) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true })
    .filter((name) => name.endsWith('.test.ts') && !name.split(/[\\/]/).includes('node_modules'))
    .map((name) => join(folder, name))
    .sort();
}

function readArguments(words) {
  const names = [];
  let rounds = 1;
  const rest = words.flatMap((word) => (word.startsWith('--rounds=') ? word.split('=', 2) : [word]));
  while (rest.length > 0) {
    const word = rest.shift();
    if (word === '--rounds') {
      rounds = Number(rest.shift());
      if (!Number.isInteger(rounds) || rounds < 1)
        throw new InstallError('--rounds needs a whole number of at least 1.');
    } else if (stages.some((stage) => stage.name === word)) {
      names.push(word);
    } else {
      const known = stages.map((stage) => stage.name).join(', ');
      throw new InstallError(`There is no stage "${word}". The stages are: ${known}; --rounds N is for faults.`);
    }
  }
  return { chosen: stages.filter((stage) => names.length === 0 || names.includes(stage.name)), rounds };
}

/** Runs the commands of one stage, all of them. Answers `{ outcome: passed | failed, reason, signal }`. */
async function runStage(stage, rounds, node) {
  const commands = stage.commands(rounds);
  if (commands.some((command) => command.files?.length === 0))
    return { outcome: 'failed', reason: 'no test files: a stage without tests is a failure' };
  const results = [];
  if (stage.isParallel) results.push(...(await Promise.all(commands.map((command) => runTests(command, node)))));
  else
    for (const command of commands) {
      results.push(await runTests(command, node));
      if (results.at(-1).signal !== undefined) break;
    }
  const stopped = results.find(({ signal }) => signal !== undefined);
  if (stopped !== undefined) return { outcome: 'failed', reason: `ended by ${stopped.signal}`, signal: stopped.signal };
  const failures = results.filter(({ code }) => code !== 0).map(({ title }) => title);
  return failures.length === 0 ? { outcome: 'passed' } : { outcome: 'failed', reason: failures.join(', ') };
}

/** Runs one command of a stage. Answers `{ title, code, signal }`. */
async function runTests(command, node) {
  console.log(`── ${command.title}`);
  const script = command.module === undefined ? [] : [join(root, 'node_modules', command.module)];
  const args = ['--disable-warning=ExperimentalWarning', ...script, ...command.args];
  const { code, signal } = await runCommand(node, args, { ...environmentFor(node), ...command.environment });
  return { title: command.title, code, signal };
}

/** Tests that start `node` get the one they run under; settings of a surrounding test run or server are not theirs. */
function environmentFor(node) {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      name !== 'NODE_TEST_CONTEXT' &&
      (!name.startsWith('GATEWRIGHT_') || name.startsWith('GATEWRIGHT_TEST_') || name === 'GATEWRIGHT_NO_INSTALL'),
  );
  return {
    ...Object.fromEntries(kept),
    PATH: dirname(node) + delimiter + (process.env.PATH ?? ''),
    // Hundreds of processes load the same modules: the first compiles them.
    NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'tests'),
  };
}

const seconds = (begin) => `${((Date.now() - begin) / 1000).toFixed(1)} s`;

try {
  const { chosen, rounds } = readArguments(process.argv.slice(2));
  process.chdir(root);
  installPackages('all');
  const node = getNode();
  buildConsole();
  const unmet = meetTestNeeds();
  for (const sentence of unmet) console.error(sentence);

  const results = [];
  const begin = Date.now();
  for (const stage of chosen) {
    const stageBegin = Date.now();
    console.log(`\n━━ ${stage.name}`);
    const result = await runStage(stage, rounds, node);
    results.push({ name: stage.name, time: seconds(stageBegin), ...result });
    console.log(`━━ ${stage.name} ${result.outcome} in ${seconds(stageBegin)}`);
    if (result.signal !== undefined) break;
  }

  console.log(`\nSummary (${seconds(begin)})`);
  for (const { name, outcome, time, reason } of results) {
    console.log(
      `  ${name.padEnd(12)} ${outcome.padEnd(7)} ${time.padStart(9)}${reason === undefined ? '' : `  ${reason}`}`,
    );
  }
  for (const sentence of unmet) console.log(`  ${sentence}`);
  const isGood = unmet.length === 0 && results.every(({ outcome }) => outcome !== 'failed');
  process.exitCode = isGood ? 0 : 1;
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
