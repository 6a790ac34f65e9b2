import type { ProjectSnapshot } from '#core/model/version';
import { ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { readSnapshot } from '../drafts/snapshot.ts';
import { getServerGroup } from '../records/server-group.ts';
import type { ProjectTable } from '../tables.ts';
import { findLive } from './placement.ts';
import { contentHashOf, getVersion } from './versions.ts';

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

/** True when the draft says something else than a version. Compares contents only when the revision cannot tell. */
export async function isDraftChanged(
  context: ManagerContext,
  project: ProjectTable,
  version: RunningVersion | undefined,
): Promise<boolean> {
  if (version === undefined) return true;
  if (version.draft_revision === project.draft_revision) return false;
  const draft = await readSnapshot(context.db.read, project.id, context.policyTypes);
  return contentHashOf(draft) !== version.content_hash;
}
