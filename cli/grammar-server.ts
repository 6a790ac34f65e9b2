import { type CommandSpec, option } from './command-spec.ts';

const FILES = 'As files';
const MACHINE = 'This machine and the server';

/** Commands on files, on this machine and on the server, in the order of the help. */
export const SERVER_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'apply',
    arguments: '<dir>',
    group: FILES,
    summary: 'make everything as a folder of YAML says; nothing is live until deploy',
    details: 'Idempotent. Projects are changed in their draft; deploy them afterwards. Secrets are never in the files.',
    options: [
      option('--prune', 'also delete what the folder does not have'),
      option('--dry-run', 'show what would change and change nothing; exit 2 when something would'),
    ],
    examples: ['gatewright apply ./apis --dry-run', 'gatewright apply ./apis --prune --yes'],
    load: async () => (await import('./commands/apply.ts')).apply,
  },
  {
    name: 'export',
    arguments: '[project]',
    group: FILES,
    summary: 'write everything, or one project, as a folder of YAML',
    details: 'Stable order and no secrets. Writing over an earlier export keeps its comments.',
    options: [
      option('--dir <dir>', 'folder to write (made when missing)'),
      option('--prune', 'also delete files of what is gone'),
    ],
    examples: ['gatewright export --dir ./apis', 'gatewright export orders-api --dir ./orders'],
    load: async () => (await import('./commands/export.ts')).exportCommand,
  },
  {
    name: 'doctor',
    group: MACHINE,
    summary: 'check Node, data directory, disk, clock, ports, manager and gateways',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    name: 'setup',
    arguments: '<link-or-token>',
    group: MACHINE,
    summary: 'trade the one-time setup link for a management key',
    details: 'Write - in place of the link to read it from stdin. The key is shown once.',
    options: [
      option('--name <name>', 'name of the key (default: Admin)'),
      option('--out <file>', 'write the key to this file (mode 0600)'),
      option('--show', 'print the key'),
    ],
    examples: ['gatewright setup - --out ~/.gatewright-token'],
    load: async () => (await import('./commands/setup.ts')).setup,
  },
  {
    name: 'key',
    group: MACHINE,
    summary: 'the master key',
    commands: [
      {
        name: 'rotate',
        summary: 'make a new master key and wrap all data keys again, while serving',
        load: async () => (await import('./commands/key.ts')).rotateMasterKey,
      },
    ],
  },
  {
    name: 'audit',
    group: MACHINE,
    summary: 'who changed what, newest last',
    options: [
      option('--actor <name>', 'only changes by this user or key'),
      option('--object <name-or-id>', 'only changes of this object'),
      option('--kind <kind>', 'only changes of this kind of object, such as client'),
      option('--operation <id>', 'only this operation, such as projects.create'),
      option('--via <way>', 'only changes made by console, api, socket or system'),
      option('--text <text>', 'only changes with this in sentence, actor or object'),
      option('--since <duration>', 'only as old as this'),
      option('--limit <number>', 'at most so many (default: 50)'),
      option('--follow', 'go on with what comes; with --json one line an entry'),
    ],
    examples: [
      'gatewright audit --since 24h',
      'gatewright audit --object orders-api --follow',
      'gatewright audit verify',
    ],
    load: async () => (await import('./commands/audit.ts')).audit,
    commands: [
      {
        name: 'verify',
        summary: 'check here that no entry was rewritten, moved, removed or cut off',
        details: `Every entry is fetched and its hash computed here: the server's word is not taken. Give checkpoints and the public key from
where whoever can change the server cannot reach; without them an end that was cut off, or a trail made anew as a whole, does
not show. Exit 0: whole; 4: not, and the first wrong entry is told.`,
        options: [
          option(
            '--checkpoint <file>',
            'checkpoints kept outside, a line of JSON each (GATEWRIGHT_AUDIT_CHECKPOINT_FILE)',
          ),
          option('--public-key <file>', 'public key that signed them (PEM); else the one that the server tells'),
        ],
        examples: [
          'gatewright audit verify',
          'gatewright audit verify --checkpoint /mnt/worm/checkpoints.jsonl --public-key audit.pem',
        ],
        load: async () => (await import('./commands/audit-verify.ts')).auditVerify,
      },
      {
        name: 'export',
        summary: 'write the trail, oldest first, to a file or to stdout',
        options: [
          option('--format <format>', 'csv, json or jsonl (default: jsonl)'),
          option('--out <file>', 'file to write (mode 0600)'),
        ],
        examples: ['gatewright audit export --format csv --out audit.csv'],
        load: async () => (await import('./commands/audit-export.ts')).auditExport,
      },
      {
        name: 'public-key',
        summary: 'the key that checkpoints are signed with, to be kept elsewhere',
        examples: ['gatewright audit public-key > audit.pem'],
        load: async () => (await import('./commands/audit-verify.ts')).auditPublicKey,
      },
    ],
  },
  {
    name: 'completion',
    arguments: '<shell>',
    group: MACHINE,
    summary: 'completion for bash, zsh or fish',
    examples: [
      'source <(gatewright completion bash)',
      'gatewright completion fish > ~/.config/fish/completions/gatewright.fish',
    ],
    load: async () => (await import('./commands/completion.ts')).completion,
  },
  {
    name: 'version',
    group: MACHINE,
    summary: 'version of this program and of the server',
    load: async () => (await import('./commands/version.ts')).versionCommand,
  },
];
