import type { AnyPolicyType } from '#core/policy';
import type { Reader } from '../database.ts';
import { readSnapshots } from '../drafts/snapshot.ts';
import type { ProjectTable } from '../tables.ts';
import { contentHashOf } from './versions.ts';

/** Two times the projects that a manager is made for; about 150 bytes each. */
const KEPT = 20_000;

/** Content hashes of drafts, kept by the draft's revision: a draft is read and hashed once after each change of it. */
export interface DraftHashes {
  /** The hash of each project's draft, by project id, in four statements for all that are not known yet. */
  of(reader: Reader, projects: readonly ProjectTable[]): Promise<ReadonlyMap<string, string>>;
}

/** An empty cache; when it is full the oldest entry goes. */
export function createDraftHashes(types: readonly AnyPolicyType[]): DraftHashes {
  const kept = new Map<string, { readonly revision: number; readonly hash: string }>();
  return {
    async of(reader, projects) {
      const unknown = projects.filter(({ id, draft_revision }) => kept.get(id)?.revision !== draft_revision);
      const snapshots = await readSnapshots(reader, unknown, types);
      const found = new Map<string, string>();
      for (const { id, draft_revision } of projects) {
        const snapshot = snapshots.get(id);
        const hash = snapshot === undefined ? kept.get(id)?.hash : contentHashOf(snapshot);
        if (hash === undefined) continue;
        found.set(id, hash);
        kept.delete(id);
        kept.set(id, { revision: draft_revision, hash });
        const [oldest] = kept.keys();
        if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
      }
      return found;
    },
  };
}
