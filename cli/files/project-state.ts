import type { Attachment } from '#core/model/endpoint';
import type { ProjectOrigin } from '#core/model/import';
import type { Project } from '#core/model/project';
import { DEFAULT_RESOURCE } from '#core/model/resource';
import { securingPolicies } from '#core/model/securing';
import { type ProjectSnapshot, projectSnapshot } from '#core/model/version';
import { type Api, at } from '../api.ts';
import { type JsonSchema, withDefaults } from '../json-schema.ts';
import type { Thing } from '../noun.ts';
import type { PolicyTypeView } from '../policy-fields.ts';
import { type FileKind, fileFields, PARTS, PROJECT } from './layout.ts';
import type { WantedProject } from './read-folder.ts';

/** A project as it is: its record and the records of its parts. */
export interface PresentProject {
  readonly project: Project;
  readonly parts: ReadonlyMap<FileKind, readonly Thing[]>;
}

/** A project as files speak of it: fields and parts, complete, by name. */
export interface ProjectState {
  readonly project: Thing;
  readonly parts: ReadonlyMap<FileKind, readonly Thing[]>;
}

/** Schemas of the policy types' settings, by type. */
export type Schemas = ReadonlyMap<string, JsonSchema>;

/** What *Secure API with* and the end points of the authorization server make by themselves: a policy of this type and name. */
const OWN_POLICIES: Readonly<Record<string, string>> = {
  oauth: 'oauth-verify-access-token',
  'oauth-token-endpoint': 'oauth-token-endpoint',
  'oauth-authorization-endpoint': 'oauth-authorization-endpoint',
};

/** Reads the schemas of all policy types. */
export async function readSchemas(api: Api): Promise<Schemas> {
  const types = await api.items<PolicyTypeView>('/policy-types');
  return new Map(types.map(({ name, schema }) => [name, schema]));
}

/** Reads a project with its parts; undefined when there is none. */
export async function readProject(api: Api, name: string): Promise<PresentProject | undefined> {
  const project = await api.find<Project>(at`/projects/${name}`);
  if (project === undefined) return undefined;
  const parts = new Map<FileKind, readonly Thing[]>();
  for (const kind of PARTS) parts.set(kind, await api.list<Thing>(at`/projects/${name}` + kind.path, { sort: 'name' }));
  return { project, parts };
}

/** The WSDL that is kept with a project; undefined: none. */
export async function readWsdl(api: Api, name: string): Promise<string | undefined> {
  const origin = await api.find<ProjectOrigin>(at`/projects/${name}/import`);
  return origin?.format === 'wsdl' ? origin.text : undefined;
}

/** The present project as files speak of it. */
export function presentState({ project, parts }: PresentProject, schemas: Schemas): ProjectState {
  return {
    project: fileFields(PROJECT, project),
    parts: new Map(
      [...parts].map(([kind, things]) => [kind, things.map((thing) => complete(fileFields(kind, thing), schemas))]),
    ),
  };
}

/**
 * What a project is to be: its files, with what comes by itself (DefaultResource, the policy of *Secure API with*), and, unless pruned, with
 * the parts that only the server has.
 */
export function wantedState(
  wanted: WantedProject,
  present: ProjectState | undefined,
  options: { readonly schemas: Schemas; readonly isPruned: boolean },
): ProjectState {
  const { schemas, isPruned } = options;
  const { fields } = wanted.project;
  const ownPolicy = OWN_POLICIES[String(fields.secureWith)] ?? OWN_POLICIES[String(fields.kind)];
  const parts = new Map<FileKind, readonly Thing[]>();
  for (const kind of PARTS) {
    const things = (wanted.parts.get(kind) ?? []).map((one): Thing => complete(one.fields, schemas));
    const names = new Set(things.map(({ name }) => name));
    const kept = (present?.parts.get(kind) ?? []).filter(
      ({ name }) =>
        !names.has(name) &&
        (!isPruned ||
          (kind.word === 'policy' && name === ownPolicy) ||
          (kind.word === 'resource' && name === DEFAULT_RESOURCE.name)),
    );
    parts.set(kind, [...things, ...kept, ...implied(kind, { things: [...things, ...kept], ownPolicy, schemas })]);
  }
  const secured = fields.secureWith === 'oauth' ? ownPolicy : undefined;
  return { project: { ...fields }, parts: secured === undefined ? parts : withSecurity(parts, secured, fields) };
}

/** What the server makes by itself and no file names. */
function implied(
  kind: FileKind,
  {
    things,
    ownPolicy,
    schemas,
  }: { readonly things: readonly Thing[]; readonly ownPolicy: string | undefined; readonly schemas: Schemas },
): Thing[] {
  const has = (name: string) => things.some((thing) => thing.name === name);
  if (kind.word === 'policy' && ownPolicy !== undefined && !has(ownPolicy)) {
    return [complete({ name: ownPolicy, type: ownPolicy, config: {} }, schemas)];
  }
  if (kind.word === 'resource' && !has(DEFAULT_RESOURCE.name)) {
    const attached = ownPolicy === undefined ? [] : [{ policy: ownPolicy, enabled: true }];
    return [kind.schema.parse({ ...DEFAULT_RESOURCE, path: '/*', endpoints: { proxyRequest: attached } })];
  }
  return [];
}

/** Every resource that is not public has a policy that secures as *Secure API with* does, as the server sees to. */
function withSecurity(parts: ProjectState['parts'], policy: string, project: Thing): ProjectState['parts'] {
  const policies = [...parts].find(([kind]) => kind.word === 'policy')?.[1] ?? [];
  const securing = securingPolicies(policy, policies.map(configured));
  if (attachmentsOf(project).some((one) => securing.has(one.policy) && one.enabled)) return parts;
  return new Map(
    [...parts].map(([kind, things]) => [
      kind,
      kind.word !== 'resource'
        ? things
        : things.map((resource) => {
            const attached = attachmentsOf(resource);
            if (resource.public === true || attached.some((one) => securing.has(one.policy))) return resource;
            const endpoints = typeof resource.endpoints === 'object' ? resource.endpoints : {};
            return { ...resource, endpoints: { ...endpoints, proxyRequest: [{ policy, enabled: true }, ...attached] } };
          }),
    ]),
  );
}

function configured({ name, type, config }: Thing) {
  return {
    name: String(name),
    type: String(type),
    config: typeof config === 'object' && config !== null ? { ...config } : {},
  };
}

function attachmentsOf({ endpoints }: Thing): readonly Attachment[] {
  const { proxyRequest } = { proxyRequest: [], ...(typeof endpoints === 'object' ? endpoints : {}) };
  return Array.isArray(proxyRequest) ? proxyRequest : [];
}

/** A policy's settings with all defaults, so that two that mean the same are the same. */
function complete(thing: Thing, schemas: Schemas): Thing {
  if (typeof thing.type !== 'string') return thing;
  return { ...thing, config: withDefaults(schemas.get(thing.type), thing.config ?? {}) };
}

/** The state as a snapshot, for the diff. Display names that only the server gives are taken from what is there. */
export function snapshotOf(state: ProjectState, present: PresentProject | undefined): ProjectSnapshot {
  const secured =
    state.project.secureWith === 'oauth' ? (present?.project.securePolicy ?? OWN_POLICIES.oauth) : undefined;
  const parts = (word: string) => [...state.parts].find(([kind]) => kind.word === word)?.[1] ?? [];
  const policies = [...(present?.parts ?? [])].find(([kind]) => kind.word === 'policy')?.[1] ?? [];
  return projectSnapshot.parse({
    project: { id: '', ...state.project, ...(secured !== undefined && { securePolicy: secured }) },
    policies: parts('policy').map((one) => ({
      id: '',
      displayName: policies.find(({ name }) => name === one.name)?.displayName ?? one.type,
      ...one,
    })),
    resources: parts('resource').map((one) => ({ id: '', ...one })),
    targets: parts('target').map((one) => ({ id: '', ...one })),
    ...(parts('policy chain').length > 0 && { chains: parts('policy chain').map((one) => ({ id: '', ...one })) }),
  });
}
