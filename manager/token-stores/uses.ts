import type { ProjectSnapshot } from '#core/model/version';
import { type ProblemDetail, ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { readEverySnapshot } from '../deployments/every-snapshot.ts';
import { listMoving } from './move.ts';
import type { TokenStoreTable } from './tables.ts';

/** A policy that names a token store. */
export interface TokenStoreUse {
  readonly policy: string;
  readonly displayName: string;
  readonly store: string;
  readonly pointer: string;
}

/** Where a snapshot's policies name token stores. */
export function tokenStoreUses({ policies }: Pick<ProjectSnapshot, 'policies'>): TokenStoreUse[] {
  return policies.flatMap(({ name: policy, displayName, type, config }) => {
    const { tokenStore: store } = config;
    if (type !== 'oauth-token-endpoint' || typeof store !== 'string' || store === '') return [];
    return [{ policy, displayName, store, pointer: `/policies/${policy}/config/tokenStore` }];
  });
}

/** Which policies name which store, each once, in drafts and where they run. */
export async function listStoreUses(
  { policyTypes }: Pick<ManagerContext, 'policyTypes'>,
  reader: Reader,
): Promise<readonly { readonly store: string; readonly project: string; readonly policy: string }[]> {
  const uses = new Map<string, { store: string; project: string; policy: string }>();
  for (const { snapshot } of await readEverySnapshot(reader, policyTypes))
    for (const { store, policy } of tokenStoreUses(snapshot)) {
      const project = snapshot.project.name;
      uses.set(JSON.stringify([store, project, policy]), { store, project, policy });
    }
  return [...uses.values()];
}

/** @throws ProblemError `in_use`, with each project and policy that names the store */
export async function checkStoreUnused(
  { policyTypes }: Pick<ManagerContext, 'policyTypes'>,
  reader: Reader,
  name: string,
): Promise<void> {
  const errors = (await readEverySnapshot(reader, policyTypes)).flatMap(({ snapshot, where }): ProblemDetail[] =>
    tokenStoreUses(snapshot)
      .filter(({ store }) => store === name)
      .map(({ policy, pointer }) => ({
        pointer: `/projects/${snapshot.project.name}${pointer}`,
        code: 'in_use',
        message: `Project ${snapshot.project.name}, policy ${policy} (${where}) names it.`,
      })),
  );
  if (errors.length === 0) return;
  throw new ProblemError(
    'in_use',
    `The token store ${name} cannot be deleted: ${errors.map(({ message }) => message).join(' ')} Name another one there first, and deploy.`,
    { errors },
  );
}

/** A store that is being moved, or into which another one is, cannot go. @throws ProblemError `in_use` */
export async function checkNotMoving(reader: Reader, store: Pick<TokenStoreTable, 'name'>): Promise<void> {
  for (const { name, moves_to } of await listMoving(reader))
    if (name === store.name || moves_to === store.name)
      throw new ProblemError(
        'in_use',
        `The token store ${name} is being migrated to ${moves_to}. Wait until that is done.`,
      );
}
