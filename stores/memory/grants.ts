import type {
  AccessToken,
  CopiedRow,
  Grant,
  RefreshToken,
  RevocationNote,
  StoreChange,
  TokenStore,
} from '#core/token-store';
import {
  codeReplayed,
  judgeCode,
  judgeGrant,
  judgeRefresh,
  judgeRotation,
  refreshReplayed,
  type StoredCode,
  type StoredGrant,
  type StoredRefresh,
} from '../grant-state.ts';
import { type FindStanding, missingGrant } from '../token-state.ts';
import { keyed, type RowsByKind } from './copy.ts';
import { createExpiringRecords } from './expiring-records.ts';

/** What grants need of the rest of the store. */
export interface MemoryGrantDependencies {
  readonly maxEntries: number;
  readonly findStanding: FindStanding;
  readonly findAccess: (hash: string) => AccessToken | undefined;
  readonly saveAccess: (token: AccessToken) => void;
  readonly append: (change: StoreChange) => void;
}

/** Grants, codes and refresh tokens in memory. Every method is one step: nothing runs between its look-up and its change. */
export interface MemoryGrants
  extends Pick<
    TokenStore,
    'saveIssue' | 'consumeCode' | 'findRefresh' | 'rotateRefresh' | 'findGrant' | 'revokeGrant' | 'revokeGrantsOf'
  > {
  /** The revocation that a token of this grant died of; undefined while the grant is not revoked. */
  findRevocation(id: string, now: number): RevocationNote | undefined;
  /** A grant is kept until the last thing that was issued from it has ended. */
  prolong(id: string, endsAt: number): void;
  /** Kills the grants of a resource owner to one client, within one project or at all; gives how many lived. */
  killGrants(
    whose: {
      readonly subject: string;
      readonly clientId?: string | undefined;
      readonly projectId?: string | undefined;
    },
    note: RevocationNote,
  ): number;
  purgeIssued(before: number, limit: number): number;
  purgeGrants(before: number, limit: number): number;
  sizes(): { readonly grants: number; readonly codes: number; readonly refresh: number };
}

/** Copying grants, codes and refresh tokens out and in. */
export interface MemoryGrantCopies {
  readonly rows: Pick<RowsByKind, 'grant' | 'code' | 'refresh'>;
  adopt(row: Extract<CopiedRow, { kind: 'grant' | 'code' | 'refresh' }>): void;
}

interface HeldGrant extends StoredGrant {
  readonly endsAt: number;
}

/** Makes the empty collections. */
export function createMemoryGrants(dependencies: MemoryGrantDependencies): {
  readonly grants: MemoryGrants;
  readonly copies: MemoryGrantCopies;
} {
  const { maxEntries, findStanding, findAccess, saveAccess, append } = dependencies;
  const grants = createExpiringRecords<HeldGrant>(maxEntries, ({ endsAt }) => endsAt);
  const codes = createExpiringRecords<StoredCode>(maxEntries, ({ code }) => code.expiresAt);
  const refreshes = createExpiringRecords<StoredRefresh>(maxEntries, ({ token }) => token.expiresAt);

  function withGrant<Stored>(grantId: string, stored: Stored) {
    const held = grants.get(grantId);
    return held === undefined ? undefined : { ...stored, grant: held.grant, standing: judgeGrant(held, findStanding) };
  }

  function findRefresh(hash: string) {
    const stored = refreshes.get(hash);
    return stored === undefined ? undefined : withGrant(stored.token.grantId, stored);
  }

  function prolong(id: string, endsAt: number): void {
    const held = grants.get(id);
    if (held !== undefined && held.endsAt < endsAt) grants.set(id, { ...held, endsAt });
  }

  function saveGrant(grant: Grant): void {
    const held = grants.get(grant.id);
    if (held === undefined) grants.set(grant.id, { grant, revocation: undefined, endsAt: grant.createdAt });
    else grants.set(grant.id, { ...held, grant: { ...held.grant, details: grant.details } });
  }

  function saveRefresh(token: RefreshToken): void {
    if (refreshes.get(token.hash) === undefined) refreshes.set(token.hash, { token, used: undefined });
    prolong(token.grantId, token.expiresAt);
  }

  function kill(held: HeldGrant, { by, at, reason }: RevocationNote): void {
    if (held.revocation !== undefined) return;
    grants.set(held.grant.id, { ...held, revocation: { by, at, reason } });
    append({ kind: 'grant', id: held.grant.id });
  }

  function killById(id: string, note: RevocationNote): boolean {
    const held = grants.get(id);
    if (held !== undefined) kill(held, note);
    return held !== undefined;
  }

  function killGrants(
    { subject, clientId, projectId }: Parameters<MemoryGrants['killGrants']>[0],
    note: RevocationNote,
  ) {
    let living = 0;
    for (const held of [...grants.values()]) {
      const { grant, endsAt, revocation } = held;
      if (grant.subject !== subject || revocation !== undefined) continue;
      if (clientId !== undefined && grant.clientId !== clientId) continue;
      if (projectId !== undefined && grant.projectId !== projectId) continue;
      kill(held, note);
      if (endsAt > note.at) living += 1;
    }
    return living;
  }

  const copies: MemoryGrantCopies = {
    rows: {
      grant: () => keyed(grants.entries(), ({ grant, revocation: revoked }) => ({ kind: 'grant', grant, revoked })),
      code: () => keyed(codes.entries(), ({ code, consumedBy: consumed }) => ({ kind: 'code', code, consumed })),
      refresh: () => keyed(refreshes.entries(), ({ token, used }) => ({ kind: 'refresh', token, used })),
    },
    adopt(row) {
      if (row.kind === 'grant') {
        if (grants.get(row.grant.id) === undefined) saveGrant(row.grant);
        if (row.revoked !== undefined) killById(row.grant.id, row.revoked);
      } else if (row.kind === 'code') {
        const consumedBy = codes.get(row.code.hash)?.consumedBy ?? row.consumed;
        codes.set(row.code.hash, { code: row.code, consumedBy });
        prolong(row.code.grantId, row.code.expiresAt);
      } else {
        const used = refreshes.get(row.token.hash)?.used ?? row.used;
        refreshes.set(row.token.hash, { token: row.token, used });
        prolong(row.token.grantId, row.token.expiresAt);
      }
    },
  };
  const operations: MemoryGrants = {
    prolong,
    killGrants,
    findRevocation(id, now) {
      const held = grants.get(id);
      return held === undefined ? missingGrant(now) : held.revocation;
    },

    async saveIssue({ grant, code, access, refresh }) {
      if (grant !== undefined) saveGrant(grant);
      if (code !== undefined) {
        if (codes.get(code.hash) === undefined) codes.set(code.hash, { code, consumedBy: undefined });
        prolong(code.grantId, code.expiresAt);
      }
      if (refresh !== undefined) saveRefresh(refresh);
      if (access !== undefined) saveAccess(access);
    },

    async consumeCode(hash, attempt) {
      const stored = codes.get(hash);
      const found = stored === undefined ? undefined : withGrant(stored.code.grantId, stored);
      if (found === undefined) return { state: 'unknown' };
      const consumed = judgeCode(found, attempt);
      if (consumed.state === 'replayed') killById(found.grant.id, codeReplayed(attempt.now));
      if (consumed.state === 'consumed') codes.set(hash, { code: found.code, consumedBy: attempt.id });
      return consumed;
    },

    findRefresh(hash, now) {
      const found = findRefresh(hash);
      return found === undefined ? { state: 'unknown' } : judgeRefresh(found, now);
    },

    async rotateRefresh(rotation) {
      const { hash, attemptId, now, access, successor } = rotation;
      const found = findRefresh(hash);
      if (found === undefined) return { state: 'unknown' };
      const rotated = judgeRotation(found, rotation, findAccess(access.hash)?.grantId === found.grant.id);
      if (rotated.state === 'repeated') return { state: 'rotated' };
      if (rotated.state === 'replayed') killById(found.grant.id, refreshReplayed(now));
      if (rotated.state === 'rotated') {
        refreshes.set(hash, { token: found.token, used: { at: now, by: attemptId } });
        saveRefresh(successor);
      }
      if (rotated.state === 'rotated' || rotated.state === 'graced') saveAccess(access);
      return rotated;
    },

    findGrant: async (id) => grants.get(id)?.grant,
    revokeGrant: async (id, note) => killById(id, note),
    revokeGrantsOf: async ({ subject, clientId }, note) => killGrants({ subject, clientId }, note),

    purgeIssued(before, limit) {
      const purged = codes.purge(before, limit);
      return purged + refreshes.purge(before, limit - purged);
    },
    purgeGrants: (before, limit) => grants.purge(before, limit),
    sizes: () => ({ grants: grants.size, codes: codes.size, refresh: refreshes.size }),
  };
  return { grants: operations, copies };
}
