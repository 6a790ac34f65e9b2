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
