import { isDeepStrictEqual } from 'node:util';
import type { Project } from '#core/model/project';
import { DEFAULT_RESOURCE } from '#core/model/resource';
import { type Api, at } from '../api.ts';
import { CliError } from '../cli-error.ts';
import type { Thing } from '../noun.ts';
import { changedFields } from './change-words.ts';
import { type FileKind, fileFields, PARTS, PROJECT, WSDL_FILE } from './layout.ts';
import {
  type PresentProject,
  type ProjectState,
  presentState,
  readProject,
  readWsdl,
  type Schemas,
} from './project-state.ts';
import type { WantedProject } from './read-folder.ts';

/** What {@link applyProject} needs. */
export interface ProjectWork {
  readonly wanted: WantedProject;
  readonly state: ProjectState;
  readonly present: PresentProject | undefined;
  readonly schemas: Schemas;
  readonly isPruned: boolean;
}

/**
 * Makes a project's draft as it is wanted: first itself, then targets, policies, resources, then what is attached to it, then what is to
 * go. *Secure API with* attaches by itself, so that what is there is read again after it.
 */
export async function applyProject(
  api: Api,
  { wanted, state, present, schemas, isPruned }: ProjectWork,
): Promise<void> {
  const { name } = wanted.project;
  const base = at`/projects/${name}`;
  const { endpoints: _, ...own } = state.project;
  if (present === undefined)
    await at422(wanted, PROJECT, name, () => api.post('/projects', { ...own, ...firstTokenProject(state) }));
  else {
    const patch = patchOf(PROJECT, fileFields(PROJECT, present.project), own, ['endpoints']);
    if (patch !== undefined) await at422(wanted, PROJECT, name, () => api.patch(base, patch, present.project.revision));
  }
  // Before the parts: a newer WSDL moves the target, and its file has the last word.
  if (wanted.wsdl !== undefined && wanted.wsdl !== (await readWsdl(api, name)))
    await nameFile(wanted.project.source, () =>
      api.post(at`/projects/${name}/import`, { source: wanted.wsdl, fileName: WSDL_FILE }),
    );
  for (const kind of PARTS) {
    // Read again each time: a first target, or a policy of Secure API with, changes resources too.
    const now = await readProject(api, name);
    if (now === undefined) throw new CliError(`Project ${name} went away while it was changed.`);
    const have = presentState(now, schemas);
    for (const thing of state.parts.get(kind) ?? []) await applyPart(api, { base, kind, thing, wanted, now, have });
  }
  const after = await api.get<Project>(base);
  const endpoints = state.project.endpoints;
  if (endpoints !== undefined && !isDeepStrictEqual(after.endpoints, endpoints)) {
    await at422(wanted, PROJECT, name, () => api.patch(base, { endpoints }, after.revision));
  }
  if (isPruned) await prune(api, base, state);
}

/** What a new authorization end point is made with; its policy's file says it. */
function firstTokenProject({ project, parts }: ProjectState): { readonly tokenProject?: string } {
  if (project.kind !== 'oauth-authorization-endpoint') return {};
  const policies = [...parts].find(([kind]) => kind.word === 'policy')?.[1] ?? [];
  const config = policies.find(({ type }) => type === project.kind)?.config;
  const named = typeof config === 'object' && config !== null && 'tokenProject' in config ? config.tokenProject : '';
  return typeof named === 'string' && named !== '' ? { tokenProject: named } : {};
}

interface PartWork {
  readonly base: string;
  readonly kind: FileKind;
  readonly thing: Thing;
  readonly wanted: WantedProject;
  readonly now: PresentProject;
  readonly have: ProjectState;
}

async function applyPart(api: Api, { base, kind, thing, wanted, now, have }: PartWork): Promise<void> {
  const name = String(thing.name);
  const before = have.parts.get(kind)?.find((one) => one.name === name);
  const record = now.parts.get(kind)?.find((one) => one.name === name);
  if (before === undefined || record === undefined) {
    await at422(wanted, kind, name, () => api.post(base + kind.path, thing));
    return;
  }
  const patch = patchOf(kind, before, thing, []);
  if (patch !== undefined)
    await at422(wanted, kind, name, () =>
      api.patch(`${base}${kind.path}${at`/${name}`}`, patch, Number(record.revision)),
    );
}

/** Deletes parts that are not wanted, those that refer to others first. */
async function prune(api: Api, base: string, state: ProjectState): Promise<void> {
  for (const kind of PARTS.toReversed()) {
    const names = new Set((state.parts.get(kind) ?? []).map(({ name }) => name));
    for (const thing of await api.list<Thing>(base + kind.path)) {
      if (names.has(thing.name) || (kind.word === 'resource' && thing.name === DEFAULT_RESOURCE.name)) continue;
      await api.delete(`${base}${kind.path}${at`/${String(thing.name)}`}`, Number(thing.revision));
    }
  }
}

/** Fields to patch, or undefined when nothing differs. Settings are merged by the server, so those that are to go are null. */
export function patchOf(
  kind: FileKind,
  before: Thing,
  wanted: Thing,
  except: readonly string[],
): Record<string, unknown> | undefined {
  const names = changedFields(before, wanted).filter(
    // A field that its file leaves out and that has no default stays as it is, unless it can be taken back.
    (name) =>
      name !== 'name' &&
      !except.includes(name) &&
      !kind.fixed.includes(name) &&
      (wanted[name] !== undefined || (kind.nullable?.includes(name) ?? false)),
  );
  if (names.length === 0) return undefined;
  return Object.fromEntries(
    names.map((name) => [name, name === 'config' ? withNulls(before.config, wanted.config) : (wanted[name] ?? null)]),
  );
}

function withNulls(before: unknown, wanted: unknown): Record<string, unknown> {
  const [a, b] = [before, wanted].map((value) => (typeof value === 'object' && value !== null ? { ...value } : {}));
  return { ...Object.fromEntries(Object.keys(a ?? {}).map((name) => [name, null])), ...b };
}

/** A refusal of a file's content names the file and the line that it is about. */
async function at422(wanted: WantedProject, kind: FileKind, name: string, act: () => Promise<unknown>): Promise<void> {
  const source = (kind === PROJECT ? wanted.project : wanted.parts.get(kind)?.find((one) => one.name === name))?.source;
  await nameFile(source, act);
}

/** Runs an act and adds file and line to the refusal of a value. */
export async function nameFile(
  source: { placeOf(path: readonly string[]): string } | undefined,
  act: () => Promise<unknown>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof CliError) || source === undefined) throw error;
    const lines = error.errors.map(
      ({ pointer, message }) => `${source.placeOf(pointer.split('/').slice(1))}: ${message}`,
    );
    throw new CliError(error.message, {
      code: error.code,
      exit: error.exit,
      ...(error.status !== undefined && { status: error.status }),
      requestId: error.requestId,
      lines: [...error.lines, ...(lines.length > 0 ? lines : [`${source.placeOf([])}`])],
      fixes: error.fixes,
      cause: error,
    });
  }
}
