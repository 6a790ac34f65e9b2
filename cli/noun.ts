import { planText, productPlan } from '#core/model/period';
import { dateTime } from './duration.ts';
import { storeRecords, storeState } from './store-health.ts';
import type { Column } from './table.ts';

/** An object of the management API, as far as its noun is not known. */
export type Thing = Readonly<Record<string, unknown>>;

/** How the text behind `field=` is read. */
export type FieldType =
  | 'text'
  | 'number'
  | 'boolean'
  | 'list'
  | 'scopes'
  | 'urls'
  | 'roles'
  | 'policies'
  | 'time'
  | 'plan'
  | 'json';

export type Verb = 'list' | 'get' | 'create' | 'set' | 'delete';

/** What the command line knows of a noun; its fields and rules are the server's. */
export interface Noun {
  readonly word: string;
  readonly plural: string;
  readonly summary: string;
  /** Path of its list; for a nested noun behind `/projects/:project`. */
  readonly path: string;
  readonly isNested: boolean;
  /** The list is short, has no pages, and takes neither q nor sort. */
  readonly isShort?: boolean;
  readonly verbs: readonly Verb[];
  readonly columns: readonly (Column & { value(thing: Thing): string })[];
  /** Fields that may be set, in the order of files. */
  readonly fields: Readonly<Record<string, FieldType>>;
  /** Further fields that only a create takes. */
  readonly createFields: Readonly<Record<string, FieldType>>;
  /** Types of fields within others, by dotted path, where no value that is there tells. */
  readonly innerFields?: Readonly<Record<string, FieldType>>;
}

const text = (title: string, field: string) => ({
  title,
  isWhole: field === 'name',
  value: (thing: Thing) => textOf(thing[field]),
});
const time = (title: string, field: string) => ({
  title,
  value: (thing: Thing) => dateTime(typeof thing[field] === 'number' ? thing[field] : undefined),
});
const all: readonly Verb[] = ['list', 'get', 'create', 'set', 'delete'];

/** The plan of a product in one cell. */
function planOf(value: unknown): string {
  const plan = productPlan.safeParse(value);
  return plan.success ? planText(plan.data) : '–';
}

/** A value in one cell: lists by their items' main field. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null || value === '') return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (!Array.isArray(value)) return typeof value === 'object' ? JSON.stringify(value) : String(value);
  return value.length === 0 ? '–' : value.map((item: unknown) => textOf(mainOf(item))).join(' ');
}

function mainOf(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item;
  if ('scope' in item) return item.scope;
  if ('role' in item) return roleText(item);
  if ('policy' in item) return item.policy;
  return 'url' in item ? item.url : item;
}

/** `project/policy` of each that names a token store. */
function storeUses(usedBy: unknown): string {
  if (!Array.isArray(usedBy) || usedBy.length === 0) return '–';
  return usedBy.map((use: { project: string; policy: string }) => `${use.project}/${use.policy}`).join(' ');
}

/** `releaser@production`: a role, and the one server group on which it holds. */
export function roleText(grant: object): string {
  const { role, serverGroup } = { role: '', serverGroup: undefined, ...grant };
  return serverGroup === undefined ? String(role) : `${role}@${String(serverGroup)}`;
}

/** Every noun, in the order of the help. */
export const NOUNS: readonly Noun[] = [
  {
    word: 'project',
    plural: 'projects',
    summary: 'API projects',
    path: '/projects',
    isNested: false,
    verbs: all,
    columns: [
      text('NAME', 'name'),
      text('DISPLAY NAME', 'displayName'),
      text('KIND', 'kind'),
      text('PATH', 'contextPath'),
      text('SECURED', 'secureWith'),
      time('CHANGED', 'updatedAt'),
    ],
    fields: {
      displayName: 'text',
      contextPath: 'text',
      hosts: 'list',
      description: 'text',
      keepContextPath: 'boolean',
      allowPathForms: 'list',
      trailingSlash: 'text',
      secureWith: 'text',
      endpoints: 'json',
    },
    createFields: {
      name: 'text',
      kind: 'text',
      targetUrl: 'text',
      tokenIn: 'list',
      scopes: 'list',
      accessTokenExpiryMs: 'number',
      tokenProject: 'text',
    },
  },
  {
    word: 'resource',
    plural: 'resources',
    summary: 'resources of a project, as project/resource',
    path: '/resources',
    isNested: true,
    verbs: all,
    columns: [
      text('NAME', 'name'),
      text('DISPLAY NAME', 'displayName'),
      text('METHODS', 'methods'),
      text('PATH', 'path'),
      text('PUBLIC', 'public'),
      text('TARGET', 'target'),
    ],
    fields: {
      displayName: 'text',
      path: 'text',
      methods: 'list',
      public: 'boolean',
      target: 'text',
      endpoints: 'json',
    },
    createFields: { name: 'text' },
  },
  {
    word: 'policy',
    plural: 'policies',
    summary: 'policies of a project, as project/policy',
    path: '/policies',
    isNested: true,
    verbs: all,
    columns: [
      text('NAME', 'name'),
      text('DISPLAY NAME', 'displayName'),
      text('TYPE', 'type'),
      text('SETTINGS', 'summary'),
    ],
    fields: { displayName: 'text' },
    createFields: { name: 'text', type: 'text' },
  },
  {
    word: 'policy-chain',
    plural: 'policy-chains',
    summary: 'policy chains of a project, as project/policy-chain: policies that a policy calls',
    path: '/policy-chains',
    isNested: true,
    verbs: all,
    columns: [text('NAME', 'name'), text('DISPLAY NAME', 'displayName'), text('POLICIES', 'policies')],
    fields: { displayName: 'text', description: 'text', policies: 'policies' },
    createFields: { name: 'text' },
  },
  {
    word: 'target',
    plural: 'targets',
    summary: 'targets of a project, as project/target',
    path: '/targets',
    isNested: true,
    verbs: all,
    columns: [text('NAME', 'name'), text('DISPLAY NAME', 'displayName'), text('URLS', 'urls')],
    fields: {
      displayName: 'text',
      urls: 'urls',
      connectTimeoutMs: 'number',
      timeoutMs: 'number',
      idleTimeoutMs: 'number',
      retries: 'number',
      verifyTls: 'boolean',
      maxConnections: 'number',
    },
    createFields: { name: 'text' },
  },
  {
    word: 'product',
    plural: 'products',
    summary: 'products',
    path: '/products',
    isNested: false,
    verbs: all,
    columns: [
      text('NAME', 'name'),
      text('DISPLAY NAME', 'displayName'),
      text('PROJECTS', 'projects'),
      text('SCOPES', 'scopes'),
      { title: 'PLAN', value: ({ plan }) => planOf(plan) },
      text('STATE', 'state'),
    ],
    fields: {
      displayName: 'text',
      description: 'text',
      projects: 'list',
      scopes: 'scopes',
      approval: 'text',
      state: 'text',
      plan: 'plan',
    },
    createFields: { name: 'text' },
  },
  {
    word: 'client',
    plural: 'clients',
    summary: 'clients and their secrets',
    path: '/clients',
    isNested: false,
    verbs: all,
    columns: [
      text('NAME', 'name'),
      text('DISPLAY NAME', 'displayName'),
      text('KIND', 'kind'),
      text('ENABLED', 'active'),
      text('OWNER', 'ownerEmail'),
      time('CHANGED', 'updatedAt'),
    ],
    fields: {
      displayName: 'text',
      description: 'text',
      ownerEmail: 'text',
      authMethod: 'text',
      redirectUris: 'list',
      jwks: 'json',
      jwksUri: 'text',
      certificateName: 'json',
      certificateBound: 'boolean',
      tags: 'list',
    },
    createFields: { name: 'text', kind: 'text' },
  },
  {
    word: 'subscription',
    plural: 'subscriptions',
    summary: 'client subscriptions and their keys',
    path: '/subscriptions',
    isNested: false,
    verbs: all,
    columns: [
      text('NAME', 'name'),
      text('CLIENT', 'client'),
      text('PRODUCT', 'product'),
      text('STATE', 'state'),
      text('CONSUMER KEY', 'consumerKey'),
      time('ENDS', 'endsAt'),
    ],
    fields: { scopes: 'scopes', startsAt: 'time', endsAt: 'time' },
    createFields: { name: 'text', client: 'text', product: 'text' },
  },
  {
    word: 'group',
    plural: 'server-groups',
    summary: 'server groups',
    path: '/server-groups',
    isNested: false,
    verbs: all,
    columns: [
      text('NAME', 'name'),
      text('DISPLAY NAME', 'displayName'),
      text('PUBLIC URL', 'publicUrl'),
      text('ERROR DETAIL', 'errorDetail'),
      text('WHEN STALE', 'whenStale'),
    ],
    fields: {
      displayName: 'text',
      description: 'text',
      publicUrl: 'text',
      authorizationUrl: 'text',
      errorDetail: 'text',
      whenStale: 'text',
    },
    createFields: { name: 'text' },
  },
  {
    word: 'gateway',
    plural: 'gateways',
    summary: 'running gateways',
    path: '/gateways',
    isNested: false,
    isShort: true,
    verbs: ['list', 'get'],
    columns: [
      text('NAME', 'name'),
      text('GROUP', 'serverGroup'),
      text('STATE', 'state'),
      text('ADDRESS', 'address'),
      { ...text('LAG', 'lag'), align: 'right' },
      { ...text('WORKERS', 'workers'), align: 'right' },
      text('SOFTWARE', 'softwareVersion'),
      time('LAST SEEN', 'lastSeenAt'),
    ],
    fields: {},
    createFields: {},
  },
  {
    word: 'management-key',
    plural: 'management-keys',
    summary: 'keys for the management API',
    path: '/management-keys',
    isNested: false,
    verbs: ['list', 'get', 'create', 'delete'],
    columns: [
      text('NAME', 'name'),
      text('DISPLAY NAME', 'displayName'),
      text('ROLES', 'roles'),
      text('OWNER', 'owner'),
      text('KEY', 'hint'),
      text('ACTIVE', 'active'),
      time('ENDS', 'endsAt'),
      time('LAST USED', 'lastUsedAt'),
    ],
    fields: {},
    createFields: { name: 'text', roles: 'roles', owner: 'text', endsAt: 'time' },
  },
  {
    word: 'user',
    plural: 'users',
    summary: 'people who may sign in, and their roles',
    path: '/users',
    isNested: false,
    verbs: all,
    columns: [
      text('NAME', 'name'),
      text('DISPLAY NAME', 'displayName'),
      text('ROLES', 'roles'),
      text('ACTIVE', 'active'),
      text('SECOND FACTOR', 'secondFactor'),
      text('SOURCE', 'source'),
      time('SIGNED IN', 'lastSignedInAt'),
    ],
    fields: { displayName: 'text', email: 'text', roles: 'roles', active: 'boolean' },
    createFields: { source: 'text' },
  },
  {
    word: 'resource-owner',
    plural: 'resource-owners',
    summary: 'who signs in at authorization end points, and what they allowed',
    path: '/resource-owners',
    isNested: false,
    verbs: all,
    columns: [
      text('NAME', 'name'),
      text('DISPLAY NAME', 'displayName'),
      text('DIRECTORY', 'directory'),
      text('ENABLED', 'active'),
      text('SUBJECT', 'id'),
      time('SIGNED IN', 'lastSignedInAt'),
    ],
    fields: { displayName: 'text', email: 'text' },
    createFields: { directory: 'text' },
  },
  {
    word: 'directory',
    plural: 'directories',
    summary: 'where resource owners are known: local, LDAP, OpenID Connect',
    path: '/directories',
    isNested: false,
    verbs: all,
    columns: [
      text('NAME', 'name'),
      text('DISPLAY NAME', 'displayName'),
      text('KIND', 'kind'),
      text('ON', 'active'),
      text('MAKES OWNERS', 'createOwners'),
    ],
    fields: { displayName: 'text', active: 'boolean', createOwners: 'boolean', ldap: 'json', oidc: 'json' },
    createFields: { name: 'text', kind: 'text' },
  },
  {
    word: 'token-store',
    plural: 'token-stores',
    summary: 'where tokens, codes, grants and consents are kept',
    path: '/token-stores',
    isNested: false,
    verbs: all,
    columns: [
      text('NAME', 'name'),
      text('DISPLAY NAME', 'displayName'),
      text('KIND', 'kind'),
      text('DEFAULT', 'isDefault'),
      { title: 'STATE', value: ({ health }) => storeState(health) },
      { title: 'RECORDS', align: 'right', value: ({ health }) => storeRecords(health) },
      { title: 'USED BY', value: ({ usedBy }) => storeUses(usedBy) },
    ],
    fields: {
      displayName: 'text',
      redis: 'json',
      postgres: 'json',
      cassandra: 'json',
      embedded: 'json',
    },
    createFields: { name: 'text', kind: 'text', sqlite: 'json' },
    innerFields: {
      'redis.nodes': 'list',
      'redis.sentinelName': 'text',
      'redis.prefix': 'text',
      'redis.user': 'text',
      'redis.ca': 'text',
      'sqlite.file': 'text',
      'postgres.host': 'text',
      'postgres.database': 'text',
      'postgres.user': 'text',
      'postgres.ca': 'text',
      'cassandra.contactPoints': 'list',
      'cassandra.dataCentre': 'text',
      'cassandra.user': 'text',
      'cassandra.ca': 'text',
    },
  },
  {
    word: 'policy-type',
    plural: 'policy-types',
    summary: 'the kinds of policies that there are',
    path: '/policy-types',
    isNested: false,
    isShort: true,
    verbs: ['list', 'get'],
    columns: [
      text('NAME', 'name'),
      text('TITLE', 'title'),
      text('CATEGORY', 'category'),
      text('ENDPOINTS', 'phases'),
      text('WHAT IT DOES', 'description'),
    ],
    fields: {},
    createFields: {},
  },
];

/** Types of a noun's fields by their paths. */
export function fieldTypeOf({
  fields,
  createFields,
  innerFields,
}: Noun): (path: readonly string[]) => FieldType | undefined {
  const known = { ...createFields, ...fields, ...innerFields };
  return (path) => known[path.join('.')];
}

/** The noun of a word. @throws Error when there is none: a mistake in this program */
export function nounOf(word: string): Noun {
  const noun = NOUNS.find((one) => one.word === word);
  if (noun === undefined) throw new Error(`There is no noun ${word}.`);
  return noun;
}
