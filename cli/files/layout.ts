import type * as z from 'zod';
import { createClient } from '#core/model/client';
import { createDirectory } from '#core/model/directory';
import { createPolicy } from '#core/model/policy';
import { createPolicyChain } from '#core/model/policy-chain';
import { createProduct } from '#core/model/product';
import { createProject } from '#core/model/project';
import { createResource } from '#core/model/resource';
import { createServerGroup } from '#core/model/server-group';
import { createSubscription } from '#core/model/subscription';
import { createTarget } from '#core/model/target';
import { createTokenStore } from '#core/model/token-store';

/** One kind of file: where it lies and what may stand in it. */
export interface FileKind {
  readonly word: string;
  /** Folder of its files, at the top or within a project's folder; empty: `project.yaml`. */
  readonly folder: string;
  /** Path of its list in the API; for parts of a project behind the project's. */
  readonly path: string;
  /** What a file may hold, `name` included. Fields left out take these defaults. */
  readonly schema: z.ZodObject;
  /** Fields that never change once it is there. */
  readonly fixed: readonly string[];
  /** Fields without default that a file takes back by leaving them out. */
  readonly nullable?: readonly string[];
  /** Not every role may read them: whoever may not leaves them alone. */
  readonly isGuarded?: boolean;
  /** Fields in the order of the file, those that are not listed behind them. */
  readonly order: readonly string[];
}

/** The wizard's own fields make other things; in files those things stand for themselves. */
const projectFile = createProject.omit({
  accessTokenExpiryMs: true,
  tokenProject: true,
  targetUrl: true,
  tokenIn: true,
  scopes: true,
});

export const PROJECT: FileKind = {
  word: 'project',
  folder: '',
  path: '/projects',
  schema: projectFile,
  fixed: ['kind'],
  order: ['name', 'displayName', 'kind', 'contextPath', 'description', 'hosts', 'secureWith'],
};

/** Parts of a project, in the order in which they are made. */
export const PARTS: readonly FileKind[] = [
  {
    word: 'target',
    folder: 'targets',
    path: '/targets',
    schema: createTarget,
    fixed: [],
    order: ['name', 'displayName', 'urls'],
  },
  {
    word: 'policy',
    folder: 'policies',
    path: '/policies',
    schema: createPolicy,
    fixed: ['type'],
    order: ['name', 'displayName', 'type', 'config'],
  },
  {
    word: 'policy chain',
    folder: 'policy-chains',
    path: '/policy-chains',
    schema: createPolicyChain,
    fixed: [],
    order: ['name', 'displayName', 'description', 'policies'],
  },
  {
    word: 'resource',
    folder: 'resources',
    path: '/resources',
    schema: createResource,
    fixed: [],
    order: ['name', 'displayName', 'path', 'methods', 'public', 'target', 'endpoints'],
  },
];

const GROUPS: FileKind = {
  word: 'server group',
  folder: 'server-groups',
  path: '/server-groups',
  schema: createServerGroup,
  fixed: [],
  order: ['name', 'displayName', 'description', 'publicUrl'],
};

/** What a directory shows its server stays out of files, as every secret: `gatewright directory set-secret` keeps it. */
const directoryFile = createDirectory.extend({
  ldap: createDirectory.shape.ldap.unwrap().omit({ bindPassword: true }).optional(),
  oidc: createDirectory.shape.oidc.unwrap().omit({ clientSecret: true }).optional(),
});

/** Where resource owners are known; before the projects, whose policies name them. */
export const DIRECTORIES: FileKind = {
  word: 'directory',
  folder: 'directories',
  path: '/directories',
  schema: directoryFile,
  fixed: ['kind'],
  isGuarded: true,
  order: ['name', 'displayName', 'kind', 'active', 'createOwners', 'ldap', 'oidc'],
};

/** Passwords of token stores stay out of files, as every secret: `gatewright token-store set-secret` keeps them. */
const tokenStoreFile = createTokenStore.extend({
  redis: createTokenStore.shape.redis.unwrap().omit({ password: true }).optional(),
  postgres: createTokenStore.shape.postgres.unwrap().omit({ password: true }).optional(),
  cassandra: createTokenStore.shape.cassandra.unwrap().omit({ password: true }).optional(),
});

/** Where tokens are kept; before the projects, whose policies name them. Which is the default no file says. */
const TOKEN_STORES: FileKind = {
  word: 'token store',
  folder: 'token-stores',
  path: '/token-stores',
  schema: tokenStoreFile,
  fixed: ['kind'],
  isGuarded: true,
  order: ['name', 'displayName', 'kind', 'redis', 'sqlite', 'postgres', 'cassandra', 'embedded'],
};

/** What is applied before the projects, in this order. */
export const BASES: readonly FileKind[] = [GROUPS, DIRECTORIES, TOKEN_STORES];

/** What is applied after the projects, in this order. */
export const APPS: readonly FileKind[] = [
  {
    word: 'product',
    folder: 'products',
    path: '/products',
    schema: createProduct,
    fixed: [],
    order: ['name', 'displayName', 'description', 'projects', 'scopes', 'plan'],
    nullable: ['plan'],
  },
  {
    word: 'client',
    folder: 'clients',
    path: '/clients',
    schema: createClient,
    fixed: ['kind'],
    order: ['name', 'displayName', 'description', 'kind', 'ownerEmail', 'authMethod', 'redirectUris'],
    nullable: ['jwks', 'certificateName'],
  },
  {
    word: 'subscription',
    folder: 'subscriptions',
    path: '/subscriptions',
    schema: createSubscription,
    fixed: ['client', 'product'],
    order: ['name', 'client', 'product', 'scopes', 'startsAt', 'endsAt'],
    nullable: ['scopes', 'startsAt', 'endsAt'],
  },
];

/** Folder of the projects, each a folder of its own. */
export const PROJECTS_FOLDER = 'projects';
export const PROJECT_FILE = 'project.yaml';
/** The WSDL of a WSDL project, beside its project.yaml. */
export const WSDL_FILE = 'service.wsdl';
/** Folder of the JSON Schemas that the files point to, at the top. */
export const SCHEMAS_FOLDER = 'schemas';

/** Every kind of file. */
export const KINDS: readonly FileKind[] = [...BASES, PROJECT, ...PARTS, ...APPS];

/** Name of a kind's schema: `server-group`. */
export function schemaNameOf({ word }: FileKind): string {
  return word.replaceAll(' ', '-');
}

/** Fields of a thing of the API that its file has: those of the schema, without what is not set. */
export function fileFields(kind: FileKind, thing: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = Object.keys(kind.schema.shape).filter((name) => thing[name] !== undefined && thing[name] !== null);
  const ordered = [
    ...kind.order.filter((name) => names.includes(name)),
    ...names.filter((name) => !kind.order.includes(name)),
  ];
  return Object.fromEntries(ordered.map((name) => [name, thing[name]]));
}
