import type { Change } from '#core/model/deployment';
import type { Project } from '#core/model/project';
import { type Api, at, type Page } from '../api.ts';
import type { Thing } from '../noun.ts';
import type { Session } from '../session.ts';
import { applyProject, nameFile, patchOf } from './apply-project.ts';
import { changedFields, changesOf } from './change-words.ts';
import { APPS, BASES, DIRECTORIES, type FileKind, fileFields, PARTS, PROJECT } from './layout.ts';
import { listThings } from './list-things.ts';
import {
  presentState,
  readProject,
  readSchemas,
  readWsdl,
  type Schemas,
  snapshotOf,
  wantedState,
} from './project-state.ts';
import type { Wanted, WantedFolder, WantedProject } from './read-folder.ts';
import { fileError } from './yaml-file.ts';

/** One step of an apply: what it changes in words, and how. */
export interface Step {
  /** `project orders-api`. */
  readonly what: string;
  readonly changes: readonly Change[];
  readonly isDraft: boolean;
  run(): Promise<void>;
}

/**
 * Compares a folder with what is there. Steps stand in the order in which they can be done; those that change nothing are left out.
 * @throws CliError when a file wants to change what cannot change
 */
export async function planFolder(
  session: Session,
  api: Api,
  { wanted, isPruned }: { readonly wanted: WantedFolder; readonly isPruned: boolean },
): Promise<Step[]> {
  const schemas = await readSchemas(api);
  const steps: Step[] = [];
  for (const [kind, things] of wanted.bases) steps.push(...(await planThings(session, api, { kind, things })));
  for (const project of wanted.projects)
    steps.push(...(await planProject(session, api, { wanted: project, schemas, isPruned })));
  for (const [kind, things] of wanted.apps) steps.push(...(await planThings(session, api, { kind, things })));
  if (isPruned && wanted.isWhole) steps.push(...(await planPruning(session, api, wanted)));
  return steps.filter(({ changes }) => changes.length > 0);
}

async function planThings(
  session: Session,
  api: Api,
  { kind, things }: { readonly kind: FileKind; readonly things: readonly Wanted[] },
): Promise<Step[]> {
  const listed = things.length === 0 ? undefined : await listThings(session, api, kind);
  if (listed === undefined) return [];
  const present = new Map(listed.map((thing) => [thing.name, thing]));
  return things.map(({ name, fields, source }): Step => {
    const record = present.get(name);
    const before = record === undefined ? undefined : fileFields(kind, record);
    if (before !== undefined) checkFixed(kind, before, { fields, source });
    const patch = before === undefined ? undefined : patchOf(kind, before, fields, []);
    const shown = before === undefined ? fields : { ...before, ...patch };
    return {
      what: `${kind.word} ${name}`,
      changes: changesOf(kind, before, shown),
      isDraft: false,
      run: () =>
        nameFile(source, () =>
          before === undefined
            ? api.post(kind.path, fields)
            : api.patch(`${kind.path}${at`/${name}`}`, patch ?? {}, Number(record?.revision)),
        ),
    };
  });
}

async function planProject(
  session: Session,
  api: Api,
  {
    wanted,
    schemas,
    isPruned,
  }: { readonly wanted: WantedProject; readonly schemas: Schemas; readonly isPruned: boolean },
): Promise<Step[]> {
  checkSettings(wanted, schemas);
  const present = await readProject(api, wanted.project.name);
  const before = present === undefined ? undefined : presentState(present, schemas);
  if (before !== undefined) {
    checkFixed(PROJECT, before.project, wanted.project);
    for (const [kind, things] of wanted.parts) {
      for (const thing of things) {
        const record = before.parts.get(kind)?.find(({ name }) => name === thing.name);
        if (record !== undefined) checkFixed(kind, record, thing);
      }
    }
  }
  const state = wantedState(wanted, before, { schemas, isPruned });
  const diff = await session.loadDiff();
  const from = before === undefined ? undefined : snapshotOf(before, present);
  const to = snapshotOf(state, present);
  const changes = [
    ...(diff === undefined ? plainChanges(wanted, from, to) : diff(from, to)),
    ...(await wsdlChanges(api, wanted, present !== undefined)),
  ];
  return [
    {
      what: `project ${wanted.project.name}`,
      changes,
      isDraft: true,
      run: () => applyProject(api, { wanted, state, present, schemas, isPruned }),
    },
  ];
}

/** The WSDL that lies with a project, when the server has another one or none. */
async function wsdlChanges(api: Api, { project, wsdl }: WantedProject, isThere: boolean): Promise<Change[]> {
  if (wsdl === undefined) return [];
  if (project.fields.kind !== 'wsdl')
    throw fileError([
      `${project.source.placeOf(['kind'])}: a WSDL lies beside it, but the project is not of kind wsdl.`,
    ]);
  const before = isThere ? await readWsdl(api, project.name) : undefined;
  if (before === wsdl) return [];
  const kind = before === undefined ? 'added' : 'changed';
  const title = String(project.fields.displayName);
  return [{ kind, pointer: '/definition', sentence: `WSDL of “${title}” ${kind === 'added' ? 'is new' : 'changes'}` }];
}

/** Without the manager's diff (a program put together otherwise): that it changes, not how. */
function plainChanges(wanted: WantedProject, from: unknown, to: unknown): Change[] {
  const isSame = from !== undefined && changedFields({ value: from }, { value: to }).length === 0;
  const { name, fields } = wanted.project;
  if (isSame) return [];
  return [
    {
      kind: from === undefined ? 'added' : 'changed',
      pointer: `/projects/${name}`,
      sentence: `Project “${String(fields.displayName)}” ${from === undefined ? 'is new' : 'changes'}`,
    },
  ];
}

/** What the folder does not have: subscriptions first, server groups last. */
async function planPruning(session: Session, api: Api, wanted: WantedFolder): Promise<Step[]> {
  const steps: Step[] = [];
  const remove = (kind: FileKind, thing: Thing, changes: readonly Change[]): Step => ({
    what: `${kind.word} ${String(thing.name)}`,
    changes,
    isDraft: false,
    run: () => api.delete(`${kind.path}${at`/${String(thing.name)}`}`, Number(thing.revision)),
  });
  for (const kind of APPS.toReversed()) {
    const names = new Set((wanted.apps.get(kind) ?? []).map(({ name }) => name));
    for (const thing of await api.list<Thing>(kind.path)) {
      const isGone = names.has(String(thing.name)) || (kind.word === 'subscription' && thing.state === 'ended');
      if (!isGone) steps.push(remove(kind, thing, changesOf(kind, fileFields(kind, thing), undefined)));
    }
  }
  const projects = new Set(wanted.projects.map(({ project }) => project.name));
  for (const project of await api.list<Project>('/projects')) {
    if (projects.has(project.name)) continue;
    const sentence = `Project “${project.displayName}” at ${project.contextPath} is removed`;
    steps.push(remove(PROJECT, project, [{ kind: 'removed', pointer: `/projects/${project.name}`, sentence }]));
  }
  for (const kind of BASES.toReversed()) {
    const names = new Set((wanted.bases.get(kind) ?? []).map(({ name }) => name));
    for (const thing of (await listThings(session, api, kind)) ?? []) {
      // The first ones always are there: a gateway and a policy belong to them by default.
      if (names.has(String(thing.name)) || thing.name === 'local' || thing.isConfigured === true) continue;
      if (thing.isDefault === true) session.out.warn(`The token store ${String(thing.name)} stays: it is the default.`);
      else if (kind === DIRECTORIES && (await hasOwners(api, thing)))
        session.out.warn(`The directory ${String(thing.name)} stays: there are resource owners in it.`);
      else steps.push(remove(kind, thing, changesOf(kind, fileFields(kind, thing), undefined)));
    }
  }
  if (steps.some(({ what }) => what.startsWith('project '))) {
    session.out.note(session.out.style.dim('A deployed project is not deleted: undeploy it first.'));
  }
  return steps;
}

/** Resource owners are people: no file speaks of them, and none is lost with a folder. */
async function hasOwners(api: Api, { name }: Thing): Promise<boolean> {
  const { items } = await api.get<Page<unknown>>('/resource-owners', { directory: String(name), limit: 1 });
  return items.length > 0;
}

function checkFixed(kind: FileKind, before: Thing, { fields, source }: Pick<Wanted, 'fields' | 'source'>): void {
  const faults = kind.fixed
    .filter((field) => fields[field] !== undefined && before[field] !== undefined && fields[field] !== before[field])
    .map(
      (field) =>
        `${source.placeOf([field])}: the ${field} of a ${kind.word} cannot change; it is ${String(before[field])}.`,
    );
  if (faults.length > 0) throw fileError(faults);
}

/** Unknown types and settings, by file and line; the server checks the values. */
function checkSettings({ parts }: WantedProject, schemas: Schemas): void {
  const policies = parts.get(PARTS.find(({ word }) => word === 'policy') ?? PROJECT) ?? [];
  const faults = policies.flatMap(({ fields, source }) => {
    const schema = schemas.get(String(fields.type));
    if (schema === undefined)
      return [
        `${source.placeOf(['type'])}: there is no policy type ${String(fields.type)}. There are ${[...schemas.keys()].join(', ')}.`,
      ];
    const known = Object.keys(
      typeof schema.properties === 'object' && schema.properties !== null ? schema.properties : {},
    );
    const given = Object.keys(typeof fields.config === 'object' && fields.config !== null ? fields.config : {});
    if (known.length === 0 || schema.additionalProperties !== false) return [];
    return given
      .filter((name) => !known.includes(name))
      .map((name) => `${source.placeOf(['config', name])}: ${String(fields.type)} has no setting ${name}.`);
  });
  if (faults.length > 0) throw fileError(faults);
}
