import type { ProjectSnapshot } from '#core/model/version';
import { ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { readSnapshot } from '../drafts/snapshot.ts';
import { getServerGroup } from '../records/server-group.ts';
import type { ProjectTable } from '../tables.ts';
import { findLive } from './placement.ts';
import { getVersion } from './versions.ts';

/** A state of a project that a diff can be made of, and how it is called. */
export interface NamedState {
  readonly name: string;
  /** undefined: nothing. */
  readonly snapshot: ProjectSnapshot | undefined;
}

/**
 * The state that a reference names: `draft`, `v3`, `live:<server group>`, `nothing`.
 * @throws ProblemError `not_found`, `validation_failed`
 */
export async function readState(
  context: ManagerContext,
  project: ProjectTable,
  reference: string,
): Promise<NamedState> {
  const { read } = context.db;
  if (reference === 'nothing') return { name: 'nothing', snapshot: undefined };
  if (reference === 'draft')
    return { name: 'draft', snapshot: await readSnapshot(read, project.id, context.policyTypes) };
  const number = /^v?(\d{1,9})$/.exec(reference)?.[1];
  if (number !== undefined) return versionState(read, project, Number(number));
  const group = /^live:(.+)$/.exec(reference)?.[1];
  if (group !== undefined) {
    const live = await findLive(read, { project, group: await getServerGroup(read, group) });
    return live === undefined ? { name: 'nothing', snapshot: undefined } : versionState(read, project, live.version);
  }
  throw new ProblemError('validation_failed', `"${reference}" names no state: use draft, v3, live:GROUP or nothing.`);
}

async function versionState(reader: Reader, project: ProjectTable, number: number): Promise<NamedState> {
  const { snapshot } = await getVersion(reader, project, number);
  return { name: `v${number}`, snapshot };
}

/** A version that runs somewhere, as far as it is compared with the draft. */
export interface RunningVersion {
  readonly draft_revision: number;
  readonly content_hash: string;
}

/**
 * The ids of those projects whose draft says something else than what was placed last; a project that runs nowhere is one of them. Contents
 * are compared only where the revision cannot tell, and hashed once for each revision of a draft.
 */
export async function changedDrafts(
  context: ManagerContext,
  projects: readonly ProjectTable[],
  running: (project: ProjectTable) => RunningVersion | undefined,
): Promise<ReadonlySet<string>> {
  const unsure = projects.filter((project) => {
    const version = running(project);
    return version !== undefined && version.draft_revision !== project.draft_revision;
  });
  const hashes = await context.services.draftHashes.of(context.db.read, unsure);
  const changed = projects.filter((project) => {
    const version = running(project);
    if (version === undefined) return true;
    const hash = hashes.get(project.id);
    return hash !== undefined && hash !== version.content_hash;
  });
  return new Set(changed.map(({ id }) => id));
}
