import { newId } from '#core/id';
import type { Random } from '#core/random';
import { newRecordColumns } from '../../records/record.ts';
import type { PolicyTable } from '../../tables.ts';
import type { Unit } from '../../unit-of-work.ts';
import { displayNameOf, FreeNames } from '../document/names.ts';

const VERIFY_TYPE = 'oauth-verify-access-token';
const ROWS_AT_ONCE = 500;

/** Scopes that a policy asks for. */
export interface ScopeDemand {
  readonly scopes: readonly string[];
  readonly scopeMatch: 'any' | 'all';
}

/** A policy that is there already. */
export interface KnownPolicy {
  readonly name: string;
  readonly displayName: string;
  readonly type: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Policies that ask for scopes: one a set of scopes, made when it is first asked for. */
export interface ScopePolicies {
  /** The policy's name; undefined for no scopes: then the policy of *Secure API with* is enough. */
  nameFor(demand: ScopeDemand): string | undefined;
  /** The same, without making one. */
  find(demand: ScopeDemand): string | undefined;
  /** Writes what was made. @returns how many */
  save(unit: Unit, projectId: string, random: Random): Promise<number>;
}

/** @param base settings of each, beside the scopes: those of the policy of *Secure API with* */
export function createScopePolicies(
  known: readonly KnownPolicy[],
  base: Readonly<Record<string, unknown>>,
): ScopePolicies {
  const names = new FreeNames(known);
  const bySet = new Map<string, string>();
  const made: { name: string; displayName: string; data: object }[] = [];
  for (const { name, type, config } of known)
    if (type === VERIFY_TYPE && Array.isArray(config.scopes) && config.scopes.length > 0)
      bySet.set(
        setOf({ scopes: config.scopes.map(String), scopeMatch: config.scopeMatch === 'any' ? 'any' : 'all' }),
        name,
      );
  return {
    nameFor(demand) {
      if (demand.scopes.length === 0) return undefined;
      const found = bySet.get(setOf(demand));
      if (found !== undefined) return found;
      const words = demand.scopes.join(demand.scopeMatch === 'any' ? ' or ' : ' ');
      const named = names.take(displayNameOf(`Token with ${words}`), 'Token with scopes');
      made.push({ ...named, data: { ...base, scopes: demand.scopes, scopeMatch: demand.scopeMatch } });
      bySet.set(setOf(demand), named.name);
      return named.name;
    },
    find: (demand) => bySet.get(setOf(demand)),
    async save(unit, projectId, random) {
      for (let i = 0; i < made.length; i += ROWS_AT_ONCE) {
        const rows = made.slice(i, i + ROWS_AT_ONCE).map(
          (policy): PolicyTable => ({
            ...newRecordColumns(unit, { id: newId('pol', random), ...policy }),
            ...{ project_id: projectId, type: VERIFY_TYPE },
          }),
        );
        await unit.tx.insertInto('policies').values(rows).execute();
      }
      return made.length;
    },
  };
}

function setOf({ scopes, scopeMatch }: ScopeDemand): string {
  const isSingle = scopes.length === 1;
  return JSON.stringify([isSingle ? 'all' : scopeMatch, [...scopes].sort()]);
}
