import { type CommandSpec, option, options } from './command-spec.ts';

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
    name: 'import',
    arguments: '<file-or-url>',
    group: FILES,
    summary: 'make a project of an OpenAPI document, a WSDL or an export; or bring a newer one into a project',
    details:
      'OpenAPI 3.0 and 3.1 (JSON or YAML), WSDL 1.1, or a project as GET /projects/PROJECT/export gives it. The result is a draft. With --into: exit 0 when nothing differs, with --dry-run 2 when something would change.',
    options: [
      option('--into <project>', 'compare with this project and change its draft; policies of what stays stay'),
      option('--dry-run', 'show what would change and change nothing; exit 2 when something would'),
      option('--name <name>', 'display name (default: the title of the document)'),
      option('--path <path>', 'proxy context path (default: made from the name)'),
      option('--target <url>', 'target (default: the first server, or the address of the port)'),
      option('--secure-with <none|oauth>', 'Secure API with (default: as the document says)'),
      options('--tag <tag>', 'only operations with this tag become resources; may be given several times'),
      option('--only-default', 'no resources but DefaultResource'),
      option('--service <name>', 'service of a WSDL that has several'),
      option('--port <name>', 'port of the service (default: the first)'),
      option('--removed <keep|remove>', 'with --into: what becomes of resources that are gone from the document'),
      options('--keep <resource>', 'with --into: keep this resource though it is gone; may be given several times'),
      option('--as <openapi|wsdl>', 'what the file is, when it cannot be told'),
    ],
    examples: [
      'gatewright import petstore.yaml --path /pets',
      'gatewright import petstore.yaml --into pets --dry-run',
      'gatewright import https://example.com/orders?wsdl --secure-with oauth',
    ],
    load: async () => (await import('./commands/import.ts')).importCommand,
  },
  {
    name: 'schema',
    arguments: '[kind]',
    group: FILES,
    summary: 'the JSON Schemas of the files of export and apply, for editors',
    details: 'An export has them in its folder schemas already, and its files point to them.',
    options: [option('--out <dir>', 'write them to this folder')],
    examples: ['gatewright schema project', 'gatewright schema --out ./schemas'],
    load: async () => (await import('./commands/schema.ts')).schemaCommand,
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
    name: 'login',
    group: MACHINE,
    summary: 'sign in to a server elsewhere; from then on commands for it work without a key in the environment',
    details: `Asks for name, password and code on a terminal. Makes a personal key with your roles, kept for this server in a file that
only you can read ($XDG_CONFIG_HOME/gatewright). GATEWRIGHT_TOKEN and GATEWRIGHT_TOKEN_FILE win over it.`,
    options: [
      option('--name <name>', 'user name'),
      option('--password-stdin', 'password from the first line of stdin; a code from the second'),
      option('--ends <time>', 'when the key ends: 2027-01-31, or 90d (default: 90d)'),
    ],
    examples: ['gatewright login --server https://gatewright.example.com:9000'],
    load: async () => (await import('./commands/login.ts')).login,
  },
  {
    name: 'logout',
    group: MACHINE,
    summary: 'end the key that login made, and forget it',
    load: async () => (await import('./commands/login.ts')).logout,
  },
  {
    name: 'whoami',
    group: MACHINE,
    summary: 'who the server takes you for, and your roles',
    load: async () => (await import('./commands/login.ts')).whoami,
  },
  {
    name: 'admin',
    group: MACHINE,
    summary: 'the way in, for whoever runs the server; over the socket of the data directory',
    commands: [
      {
        name: 'setup-link',
        summary: 'make a new one-time setup link, while there is no administrator',
        load: async () => (await import('./commands/user.ts')).setupLink,
      },
      {
        name: 'password-link',
        arguments: '<user>',
        summary: 'make a one-time link for somebody who cannot sign in',
        load: async () => (await import('./commands/user.ts')).passwordLink,
      },
    ],
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
    name: 'signing-key',
    group: MACHINE,
    summary: 'the keys that sign JWT access tokens',
    commands: [
      {
        name: 'list',
        summary: 'next, current and retired ones',
        load: async () => (await import('./commands/signing-key.ts')).listSigningKeys,
      },
      {
        name: 'rotate',
        summary: 'let the next keys sign, once they were published for a day',
        options: [
          option('--algorithm <name>', 'only this one: ES256, RS256, PS256 or EdDSA'),
          option('--force', 'at once, though others may not have heard of the next key'),
        ],
        examples: ['gatewright signing-key rotate --algorithm ES256'],
        load: async () => (await import('./commands/signing-key.ts')).rotateSigningKeys,
      },
      {
        name: 'retire',
        arguments: '<key>',
        summary: 'take a key out of use; another one signs at once',
        options: [option('--force', 'publish it no longer: what it signed is refused')],
        examples: ['gatewright signing-key retire kid_4X2M0Q7TB6ZJ9K1P --force --yes'],
        load: async () => (await import('./commands/signing-key.ts')).retireSigningKey,
      },
    ],
  },
  {
    name: 'store',
    group: MACHINE,
    summary: 'what token stores keep',
    commands: [
      {
        name: 'migrate',
        summary: 'move all that a token store keeps into another one, while both serve',
        details:
          'What is new goes to the other one at once; tokens, codes, refresh tokens, grants and consents follow. The server does it: when this command ends early it goes on, and the same command follows it again. It cannot be turned round.',
        options: [
          option('--from <token-store>', 'the store that is left'),
          option('--to <token-store>', 'the store to which everything goes'),
          option('--detach', 'only begin it'),
        ],
        examples: ['gatewright store migrate --from configured --to shared --yes'],
        load: async () => (await import('./commands/store-migrate.ts')).migrateStore,
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
