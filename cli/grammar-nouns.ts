import { type CommandSpec, option } from './command-spec.ts';
import { NOUNS, type Noun, type Verb } from './noun.ts';

const reason = option('--reason <text>', 'why, for the audit trail and explanations');
const secretOut = option('--out <file>', 'write it to this file (mode 0600)');
const secretShow = option('--show', 'print it');
const subscription = option('--subscription <name>', 'which subscription, when the client has several');

const ASSIGNMENTS = `field=value sets a field, field+=value adds to a list, field-=value takes from it; dotted paths reach inside
(clientCredentialsIn.body=true). Lists are written a,b or as JSON.`;

function verbSpec(noun: Noun, verb: Verb): CommandSpec {
  const reference = noun.isNested ? `<project/${noun.word}>` : `<${noun.word}>`;
  const load = async () => {
    const { nounCommand } = await import('./commands/noun.ts');
    return nounCommand(noun, verb);
  };
  switch (verb) {
    case 'list':
      return {
        name: 'list',
        ...(noun.isNested && { arguments: '<project>' }),
        summary: `list ${noun.plural}`,
        options:
          noun.isShort === true
            ? []
            : [
                option('--q <text>', 'only those with this in a name'),
                option('--sort <field>', 'field to sort by; -field: downwards'),
              ],
        load,
      };
    case 'get':
      return { name: 'get', arguments: reference, summary: 'show one', load };
    case 'create':
      return createSpec(noun, load);
    case 'set':
      return {
        name: 'set',
        arguments: `${reference} <field=value...>`,
        summary: 'change fields',
        details: `${ASSIGNMENTS}\n${fieldsLine(noun)}`,
        load,
      };
    case 'delete':
      return {
        name: 'delete',
        arguments: reference,
        summary: 'delete it',
        load,
      };
  }
}

function createSpec(noun: Noun, load: NonNullable<CommandSpec['load']>): CommandSpec {
  const file = option('--file <file>', 'fields as YAML or JSON; -: from stdin');
  switch (noun.word) {
    case 'subscription':
      return {
        name: 'create',
        arguments: '[field=value...]',
        summary: 'subscribe a client to a product',
        options: [option('--client <client>', 'client'), option('--product <product>', 'product'), file],
        details: fieldsLine(noun),
        examples: ['gatewright subscription create --client mobile-shop --product shop'],
        load,
      };
    case 'management-key':
      return {
        name: 'create',
        arguments: '<display-name> [field=value...]',
        summary: 'make a key; it is shown once',
        options: [secretOut, secretShow],
        details:
          'Fields: roles (admin, designer, releaser, apps-manager, operator, viewer; releaser@GROUP), endsAt, owner (self or machine), name.',
        examples: ['gatewright management-key create CI roles=releaser@production endsAt=90d --out ci.token'],
        load,
      };
    case 'user':
      return {
        name: 'create',
        arguments: '<name> [field=value...]',
        summary: 'make one; then give them a password link',
        options: [file],
        details: `${fieldsLine(noun)}
Roles: admin, designer, releaser, apps-manager, operator, viewer; for one server group releaser@GROUP and operator@GROUP.`,
        examples: ['gatewright user create anna displayName="Anna B" roles=designer,releaser@production'],
        load,
      };
    case 'resource-owner':
      return {
        name: 'create',
        arguments: '<name> [field=value...]',
        summary: 'make one; then set a password',
        options: [file],
        details: fieldsLine(noun),
        examples: ['gatewright resource-owner create anna displayName="Anna B"'],
        load,
      };
    default:
      return {
        name: 'create',
        arguments: noun.isNested ? '<project> [field=value...]' : '<display-name> [field=value...]',
        summary: 'make one',
        options: [file],
        details: `${ASSIGNMENTS}\n${fieldsLine(noun)}`,
        ...(EXAMPLES[noun.word] !== undefined && { examples: EXAMPLES[noun.word] ?? [] }),
        load,
      };
  }
}

function fieldsLine(noun: Noun): string {
  if (noun.word === 'policy')
    return 'Fields: displayName and the settings of its type; see `gatewright policy-type get TYPE`.';
  return `Fields: ${Object.keys(noun.fields).join(', ')}.`;
}

const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  project: [
    'gatewright project create "Orders API" kind=http contextPath=/orders targetUrl=http://127.0.0.1:8080 secureWith=oauth',
  ],
  resource: ['gatewright resource create orders-api displayName=Health path=/health methods=GET public=true'],
  'policy-chain': [
    'gatewright policy-chain create access-token displayName="Scopes for token" policies=ask-scopes,limit-scopes',
  ],
  policy: ['gatewright policy create plain-api type=oauth-verify-access-token tokenIn=query'],
  target: ['gatewright target create orders-api displayName=Second urls=http://127.0.0.1:8081'],
  product: ['gatewright product create Shop projects=orders-api scopes=orders:read plan=1000/day'],
  client: ['gatewright client create "Mobile shop" ownerEmail=shop@example.com'],
  directory: ['gatewright directory create Partners', 'gatewright directory create Corp kind=ldap --file corp.yaml'],
  'token-store': [
    'gatewright token-store create Shared kind=redis redis.nodes=redis.example.com:6379 redis.tls=true',
    'gatewright token-store create Ledger kind=postgres --file ledger.yaml',
  ],
  group: ['gatewright group create Production publicUrl=https://api.example.com'],
};

const state = (noun: string, verb: string, summary: string): CommandSpec => ({
  name: verb,
  arguments: `<${noun}>`,
  summary,
  options: [reason],
  load: async () => (await import('./commands/standing.ts')).standingCommand(noun, verb),
});

const attachment: readonly CommandSpec[] = [
  {
    name: 'attach',
    arguments: '<project/policy>',
    summary: 'attach it at an endpoint',
    options: [
      option(
        '--at <endpoint>',
        'proxyRequest, targetRequest, targetResponse or proxyResponse (default: the first that its type allows)',
      ),
      option('--resource <resource>', 'resource (default: default-resource); project: around all resources'),
      option('--position <number>', 'place in the running order, from 1 (default: last)'),
      option('--off', 'attached, but turned off'),
    ],
    examples: ['gatewright policy attach plain-api/oauth-verify-access-token --at proxyRequest --position 1'],
    load: async () => (await import('./commands/attach.ts')).attach,
  },
  {
    name: 'detach',
    arguments: '<project/policy>',
    summary: 'take it off an endpoint',
    options: [
      option('--at <endpoint>', 'endpoint (default: every one)'),
      option('--resource <resource>', 'resource (default: every one); project: project level'),
    ],
    load: async () => (await import('./commands/attach.ts')).detach,
  },
];

const profile: CommandSpec = {
  name: 'profile',
  arguments: '<project/policy> [profile]',
  summary:
    'set a policy of the authorization server as a profile has it: seed, bcp or custom; without one, show what is otherwise',
  details: `bcp is RFC 9700, seed what the older products do by default, custom asks for nothing. What the profile does not speak of stays.
Authorization end points of a token end point are told of, and set by a command of their own.`,
  options: [option('--dry-run', 'show what would change and change nothing; exit 2 when something would')],
  examples: [
    'gatewright policy profile access-token/oauth-token-endpoint',
    'gatewright policy profile access-token/oauth-token-endpoint bcp --yes',
    'gatewright policy profile sign-in/oauth-authorization-endpoint bcp --dry-run',
  ],
  load: async () => (await import('./commands/policy-profile.ts')).policyProfile,
};

const FURTHER: Readonly<Record<string, readonly CommandSpec[]>> = {
  policy: [...attachment, profile],
  gateway: [
    {
      name: 'remove',
      arguments: '<gateway>',
      summary: 'let it in no more; it drains and serves nothing until it joins anew',
      examples: ['gatewright gateway remove edge-2 --yes'],
      load: async () => (await import('./commands/gateway.ts')).removeGateway,
    },
    {
      name: 'drain',
      arguments: '<gateway>',
      summary: 'let it finish what is under way and take nothing new',
      load: async () => (await import('./commands/gateway.ts')).orderGateway('drain'),
    },
    {
      name: 'undrain',
      arguments: '<gateway>',
      summary: 'let a drained one take calls again',
      load: async () => (await import('./commands/gateway.ts')).orderGateway('undrain'),
    },
  ],
  group: [
    {
      name: 'join-token',
      arguments: '<group>',
      summary: 'make a token for one gateway, valid for an hour; prints the command to run',
      options: [option('--out <file>', 'write the token to this file (mode 0600) instead of showing it')],
      examples: ['gatewright group join-token edge', 'gatewright group join-token edge --out edge.token'],
      load: async () => (await import('./commands/group-join.ts')).createJoinToken,
    },
    {
      name: 'variables',
      arguments: '<group>',
      summary: 'its variables and secrets; never the values of secrets',
      load: async () => (await import('./commands/group-variables.ts')).listVariables,
    },
    {
      name: 'set-variable',
      arguments: '<group> <name=value>',
      summary: `set a variable; policy settings refer to it by \${variables.NAME}`,
      examples: ['gatewright group set-variable production region=eu-1'],
      load: async () => (await import('./commands/group-variables.ts')).setVariable,
    },
    {
      name: 'set-secret',
      arguments: '<group> <name>',
      summary: `set a secret; policy settings refer to it by \${secrets.NAME}`,
      options: [option('--secret <value>', '-: from stdin'), option('--secret-file <file>', 'from a file')],
      examples: ['pass show backend | gatewright group set-secret production backend-key --secret -'],
      load: async () => (await import('./commands/group-variables.ts')).setSecret,
    },
    {
      name: 'unset',
      arguments: '<group> <name>',
      summary: 'delete a variable or secret that nothing deployed uses',
      load: async () => (await import('./commands/group-variables.ts')).unsetVariable,
    },
  ],
  client: [
    {
      name: 'secrets',
      arguments: '<client>',
      summary: 'its consumer keys and secrets: state, last use, end; never the values',
      load: async () => (await import('./commands/client-secrets.ts')).clientSecrets,
    },
    {
      name: 'rotate',
      arguments: '<client>',
      summary: 'make a new secret; the old ones go on working for a while',
      options: [
        option('--keep-old <duration>', 'how long the old secrets work (default: 24h; 0: not at all)'),
        option('--revoke-tokens', 'also revoke the tokens issued with the old secrets'),
        option('--name <name>', 'name of the new secret'),
        subscription,
        secretOut,
        secretShow,
      ],
      examples: ['gatewright client rotate mobile-shop --keep-old 24h --out .env'],
      load: async () => (await import('./commands/client-rotate.ts')).clientRotate,
    },
    {
      name: 'end-secret',
      arguments: '<client> <secret>',
      summary: 'end a secret now',
      options: [option('--revoke-tokens', 'also revoke the tokens issued with it'), reason, subscription],
      examples: ['gatewright client end-secret mobile-shop secret-1 --yes'],
      load: async () => (await import('./commands/client-secrets.ts')).endClientSecret,
    },
    state('client', 'enable', 'let it in again'),
    state('client', 'disable', 'refuse it and its tokens at once; can be undone'),
    state('client', 'revoke-tokens', 'revoke all its tokens; cannot be undone'),
  ],
  user: [
    {
      name: 'password-link',
      arguments: '<user>',
      summary: 'make a one-time link with which they choose a password, within a day',
      load: async () => (await import('./commands/user.ts')).passwordLink,
    },
    {
      name: 'sign-out',
      arguments: '<user>',
      summary: 'end all their sessions, personal keys and password links',
      load: async () => (await import('./commands/user.ts')).signOut,
    },
    {
      name: 'unlock',
      arguments: '<user>',
      summary: 'forget their failed sign-ins',
      options: [option('--remove-second-factor', 'they lost it: remove it too')],
      load: async () => (await import('./commands/user.ts')).unlock,
    },
  ],
  'resource-owner': [
    {
      name: 'set-password',
      arguments: '<resource-owner>',
      summary: 'set the password; revokes their tokens',
      options: [
        option('--secret <value>', '-: from stdin'),
        option('--secret-file <file>', 'from a file'),
        option('--keep-tokens', 'leave their tokens as they are'),
      ],
      examples: ['pass show anna | gatewright resource-owner set-password anna --secret -'],
      load: async () => (await import('./commands/resource-owner.ts')).setOwnerPassword,
    },
    state('resource-owner', 'enable', 'let them in again'),
    state('resource-owner', 'disable', 'refuse their sign-ins and tokens at once; can be undone'),
    state('resource-owner', 'revoke-tokens', 'revoke all their tokens; cannot be undone'),
    {
      name: 'unlock',
      arguments: '<resource-owner>',
      summary: 'forget their failed sign-ins',
      load: async () => (await import('./commands/resource-owner.ts')).unlockOwner,
    },
    {
      name: 'consents',
      arguments: '<resource-owner>',
      summary: 'what they allowed clients',
      load: async () => (await import('./commands/resource-owner.ts')).listConsents,
    },
    {
      name: 'revoke-consent',
      arguments: '<resource-owner> <client> <project>',
      summary: 'forget what they allowed a client, and end its tokens; they are asked again',
      options: [reason],
      examples: ['gatewright resource-owner revoke-consent anna mobile-shop access-token --yes'],
      load: async () => (await import('./commands/resource-owner.ts')).revokeConsent,
    },
    {
      name: 'revoke-grants',
      arguments: '<resource-owner>',
      summary: 'end the grants to a client, or all, with their tokens; what was allowed stays allowed',
      options: [option('--client <client>', 'only those to this client'), reason],
      load: async () => (await import('./commands/resource-owner.ts')).revokeOwnerGrants,
    },
  ],
  directory: [
    {
      name: 'set-secret',
      arguments: '<directory>',
      summary: 'set the bind password, or the client secret at the provider',
      options: [option('--secret <value>', '-: from stdin'), option('--secret-file <file>', 'from a file')],
      examples: ['pass show ldap | gatewright directory set-secret corp --secret -'],
      load: async () => (await import('./commands/directory.ts')).setDirectorySecret,
    },
    {
      name: 'check',
      arguments: '<directory>',
      summary: 'ask its server whether it can be used as it is set',
      options: [option('--user <name>', 'also look somebody up in an LDAP server, without a password')],
      examples: ['gatewright directory check corp --user anna'],
      load: async () => (await import('./commands/directory.ts')).checkDirectory,
    },
  ],
  'token-store': [
    {
      name: 'set-secret',
      arguments: '<token-store> [field=value...]',
      summary: 'set its password, with settings that change together with it',
      options: [option('--secret <value>', '-: from stdin'), option('--secret-file <file>', 'from a file')],
      examples: [
        'pass show redis | gatewright token-store set-secret shared --secret -',
        'pass show redis | gatewright token-store set-secret shared redis.nodes=redis-2.example.com:6379 --secret -',
      ],
      load: async () => (await import('./commands/token-store.ts')).setStoreSecret,
    },
    {
      name: 'test',
      arguments: '<token-store>',
      summary: 'open it anew, write, read and take away a record; exit 4 when it is not reached',
      examples: ['gatewright token-store test shared'],
      load: async () => (await import('./commands/token-store.ts')).testStore,
    },
    {
      name: 'make-default',
      arguments: '<token-store>',
      summary: 'let what is new go there where a policy names none; what was issued stays usable',
      examples: ['gatewright token-store make-default shared'],
      load: async () => (await import('./commands/token-store.ts')).makeDefaultStore,
    },
  ],
  subscription: [
    state('subscription', 'approve', 'make a pending one active'),
    state('subscription', 'suspend', 'refuse its calls at once; can be undone'),
    state('subscription', 'resume', 'make a suspended one active again'),
    state('subscription', 'end', 'end it; cannot be undone'),
    state('subscription', 'revoke-tokens', 'revoke all its tokens; cannot be undone'),
    {
      name: 'keys',
      arguments: '<subscription>',
      summary: 'its consumer key and secrets; with --generate a new secret',
      options: [
        option('--generate', 'make the consumer key, or a further secret'),
        option('--name <name>', 'name of the new secret'),
        option('--ends <time>', 'when the new secret ends: 2027-01-31, or 90d'),
        secretOut,
        secretShow,
      ],
      examples: ['gatewright subscription keys mobile-shop-shop --generate --out .env'],
      load: async () => (await import('./commands/subscription-keys.ts')).subscriptionKeys,
    },
  ],
};

/** `gatewright <noun> <verb>`: one group of commands a noun. */
export const NOUN_COMMANDS: readonly CommandSpec[] = NOUNS.map((noun) => ({
  name: noun.word,
  group:
    noun.isNested || ['project', 'group', 'gateway', 'policy-type'].includes(noun.word) ? 'Build' : 'Apps and access',
  summary: noun.summary,
  commands: [...noun.verbs.map((verb) => verbSpec(noun, verb)), ...(FURTHER[noun.word] ?? [])],
}));
