// What the tests need beyond npm's packages: programs of the system, such as a browser or a database.

import { spawnSync } from 'node:child_process';

/**
 * Each need is `{ name, why, check, install, answers, before }`: `check` is a command that succeeds when it is there, `install` the
 * names of its Debian packages, `answers` what their installation would ask (debconf) and `before` a command that is run
 * first, so that no service is set up.
 *
 * @type {ReadonlyArray<{ name: string, why: string, check: readonly string[], install: readonly string[], answers?: readonly string[], before?: readonly string[] }>}
 */
export const testNeeds = [
  {
    name: 'curl',
    why: 'the commands that README, quickstart and setup page print are run',
    check: ['curl', '--version'],
    install: ['curl'],
  },
  {
    name: 'Chromium',
    why: 'the journeys in the console run in a real browser',
    check: ['chromium', '--version'],
    install: ['chromium'],
  },
  {
    name: 'OpenLDAP',
    why: 'sign-ins through LDAP run against a real server',
    check: ['test', '-x', '/usr/sbin/slapd'],
    install: ['slapd'],
    answers: ['slapd slapd/no_configuration boolean true'],
  },
  {
    name: 'Redis',
    why: 'the token store on Redis runs against a real server',
    // The server's program is in there too, under this name; the package redis-server would start a service.
    check: ['test', '-x', '/usr/bin/redis-check-rdb'],
    install: ['redis-tools'],
  },
  {
    name: 'PostgreSQL',
    why: 'the token store and the data of the manager on PostgreSQL run against a real server',
    check: ['sh', '-c', 'ls /usr/lib/postgresql/*/bin/initdb'],
    install: ['postgresql'],
    // Without this it would set up a database of its own and start it as a service. A file that is there stays as it is.
    before: [
      'sh',
      '-c',
      'cd /etc && mkdir -p postgresql-common && cd postgresql-common && { [ -e createcluster.conf ] || echo "create_main_cluster = false" > createcluster.conf; }',
    ],
  },
  {
    name: 'Python with venv',
    why: 'the OAuth clients Authlib and requests-oauthlib talk to the authorization server',
    check: ['python3', '-c', 'import ensurepip, venv'],
    install: ['python3', 'python3-venv'],
  },
  {
    name: 'Go',
    why: 'the OAuth client golang.org/x/oauth2 talks to the authorization server',
    check: ['go', 'version'],
    install: ['golang-go'],
  },
  {
    name: 'a JDK',
    why: 'the OAuth client of Nimbus talks to the authorization server',
    check: ['javac', '-version'],
    install: ['default-jdk-headless'],
  },
  {
    name: 'Maven',
    why: 'it fetches the OAuth client of Nimbus',
    check: ['mvn', '--version'],
    install: ['maven'],
  },
  {
    name: 'libfaketime',
    why: 'a node of Cassandra runs with a clock that is an hour ahead',
    check: ['sh', '-c', 'ls /usr/lib/*/faketime/libfaketimeMT.so.1'],
    install: ['libfaketime'],
  },
];

/** Installs the needs that are missing. Answers a sentence a need that could not be met, with what to run by hand. */
export function meetTestNeeds(needs = testNeeds) {
  const missing = needs.filter((need) => !succeeds(need.check));
  if (missing.length === 0) return [];
  const packages = missing.flatMap((need) => need.install);
  const byHand = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const list = missing.map((need) => `${need.name} (${need.why})`).join(', ');
  if (process.env.GATEWRIGHT_NO_INSTALL === '1') {
    return [`Missing: ${list}. GATEWRIGHT_NO_INSTALL=1 forbids installing. Run as root: ${byHand}`];
  }
  const prefix = asRoot();
  if (prefix === undefined || !succeeds(['apt-get', '--version'])) {
    return [`Missing: ${list}. Run as root: ${byHand} (or install the same with your system's package tool).`];
  }
  process.stderr.write(`Installing for the tests: ${list} …\n`);
  const install = [...prefix, 'apt-get', 'install', '-y', '--no-install-recommends', ...packages];
  run([...prefix, 'apt-get', 'update']);
  const answers = missing.flatMap((need) => need.answers ?? []);
  if (answers.length > 0) run([...prefix, 'debconf-set-selections'], answers.join('\n'));
  for (const { before } of missing) if (before !== undefined) run([...prefix, ...before]);
  run(install);
  return missing
    .filter((need) => !succeeds(need.check))
    .map(
      (need) =>
        `${need.name} is still missing (${need.why}): \`${install.join(' ')}\` did not help; its message is above.`,
    );
}

/** The words before a command that make it run as root, or undefined where that needs a person. */
function asRoot() {
  if (process.getuid?.() === 0) return [];
  return succeeds(['sudo', '-n', 'true']) ? ['sudo', '-n'] : undefined;
}

function succeeds([file, ...args]) {
  return spawnSync(file, args, { stdio: 'ignore' }).status === 0;
}

function run([file, ...args], input) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync(file, args, { stdio: [input === undefined ? 'ignore' : 'pipe', 2, 2], env, input });
}
