import { type CommandSpec, option, options } from './command-spec.ts';

const note = option('--note <text>', 'why, for the deployment list and the audit trail');
const dryRun = option('--dry-run', 'show what would change and change nothing; exit 2 when something would');
const wait = option('--wait <duration>', 'how long to wait for the gateways (default: 60s; 0: not at all)');
const secretOut = option('--out <file>', 'write key and secret to this file (mode 0600, as .env)');
const secretShow = option('--show', 'print the secret');

const FIRST = 'First steps';
const DAILY = 'Every day';

/** The verbs of every day, in the order of the help. */
export const DAILY_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'quickstart',
    group: FIRST,
    summary: 'make an OAuth-protected API with everything it needs, deploy it and call it',
    details: `Makes AccessToken at /token, Orders API at /orders (OAuth 2.0 access tokens), Plain API at /plain (token in the query) and
Open API at /open, deploys them to Local, makes product Shop, client Mobile shop, its subscription and keys, gets a token, makes a
call and one that is refused. A second run finds what is there and changes nothing.`,
    options: [
      option('--target <url>', 'what answers behind the APIs (default: echo:, which answers what was sent)'),
      option('--new-secret', 'add a consumer secret, also when there is one'),
      secretOut,
      secretShow,
    ],
    examples: ['gatewright quickstart', 'gatewright quickstart --target http://127.0.0.1:8080 --json'],
    load: async () => (await import('./commands/quickstart.ts')).quickstart,
  },
  {
    name: 'status',
    group: DAILY,
    summary: 'gateways, what is live where, what needs attention',
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    name: 'deploy',
    arguments: '<project>',
    group: DAILY,
    summary: 'put the draft, or a version, on a server group',
    options: [
      option('--to <group>', 'server group (default: the only one)'),
      option('--version <number>', 'an existing version, such as v3, in place of the draft'),
      note,
      dryRun,
      wait,
    ],
    examples: ['gatewright deploy orders-api --to local', 'gatewright deploy orders-api --to local --version v3'],
    load: async () => (await import('./commands/deploy.ts')).deploy,
  },
  {
    name: 'undeploy',
    arguments: '<project>',
    group: DAILY,
    summary: 'take a project off a server group',
    options: [option('--on <group>', 'server group (default: the only one)'), note, wait],
    examples: ['gatewright undeploy orders-api --on local --yes'],
    load: async () => (await import('./commands/undeploy.ts')).undeployCommand,
  },
  {
    name: 'rollback',
    arguments: '<project>',
    group: DAILY,
    summary: 'run an older version again',
    details: 'Not rolled back: consumer keys, subscriptions and the draft.',
    options: [
      option('--on <group>', 'server group (default: the only one)'),
      option('--to <version>', 'version, such as v3 (default: the one that ran before)'),
      option('--reason <text>', 'why, for the deployment list and the audit trail'),
      dryRun,
      wait,
    ],
    examples: ['gatewright rollback orders-api --on local --reason "dead target"'],
    load: async () => (await import('./commands/rollback.ts')).rollback,
  },
  {
    name: 'diff',
    arguments: '<project>',
    group: DAILY,
    summary: 'what differs between what is live and the draft, in sentences; exit 2 when something does',
    options: [
      option(
        '--to <group>',
        'server group whose live version is compared with the draft; with --from: what to compare with',
      ),
      option('--from <state>', 'v3, draft or live:GROUP'),
    ],
    examples: ['gatewright diff orders-api --to local', 'gatewright diff orders-api --from v3 --to v4'],
    load: async () => (await import('./commands/diff.ts')).diffCommand,
  },
  {
    name: 'why',
    arguments: '<request-id>',
    group: DAILY,
    summary: 'why a request was refused, and what would help',
    details: 'The request id is in the X-Request-Id field of every answer and in the body of a refusal.',
    examples: ['gatewright why req_8FQ2M1XK0V7T3B9D'],
    load: async () => (await import('./commands/why.ts')).whyCommand,
  },
  {
    name: 'log',
    group: DAILY,
    summary: 'the newest requests',
    options: [
      option('--status <status>', 'only this status, such as 401 or 4xx'),
      option('--code <code>', 'only this reason code'),
      option('--client <client>', 'only this client'),
      option('--project <project>', 'only this project'),
      option('--subscription <subscription>', 'only this subscription'),
      option('--on <group>', 'only this server group'),
      option('--gateway <gateway>', 'only this gateway'),
      option('--address <address>', 'only callers whose address begins like this'),
      option('--over <duration>', 'only what took at least so long'),
      option('--since <duration>', 'only as old as this (default: 30m)'),
      option('--limit <number>', 'at most so many (default: 50)'),
      option('--follow', 'go on with what comes; with --json one line a request'),
      option('--format <format>', 'everything that matches, newest first, as csv, json or jsonl; at most 10000'),
    ],
    examples: [
      'gatewright log --status 401',
      'gatewright log --code token_expired --since 2h --follow',
      'gatewright log --project orders-api --since 24h --format csv > requests.csv',
    ],
    load: async () => (await import('./commands/log.ts')).log,
  },
  {
    name: 'call',
    arguments: '<project> <method> <path>',
    group: DAILY,
    summary: 'get a token and call a project',
    details: `The path is the one behind the context path. The consumer key and secret are taken from --env-file or from
GATEWRIGHT_CONSUMER_KEY and GATEWRIGHT_CONSUMER_SECRET; --as finds the key of a client, --secret - reads its secret from stdin.
Without a secret the call is made without a token. Exit 4 when the answer is 4xx, 1 when it is 5xx.`,
    options: [
      option('--as <client>', 'client whose consumer key is used'),
      option('--secret <->', '-: read the consumer secret from stdin'),
      option('--env-file <file>', 'file with GATEWRIGHT_CONSUMER_KEY and GATEWRIGHT_CONSUMER_SECRET'),
      option('--scope <scopes>', 'scopes to ask for'),
      option('-d, --data <body>', 'request body; @file reads a file, - stdin'),
      options('-H, --header <line>', 'further header field, "Name: value"; may be repeated'),
      option('--on <group>', 'server group (default: the only one)'),
      option('-v, --verbose', 'say each step'),
    ],
    examples: [
      'gatewright call orders-api GET /1 --env-file .env -v',
      'gatewright call orders-api POST / -d @order.json -H "Content-Type: application/json" --env-file .env',
    ],
    load: async () => (await import('./commands/call.ts')).call,
  },
];
