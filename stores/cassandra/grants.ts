import type { ConsumedCode, Issue, Rotated, TokenStore } from '#core/token-store';
import { codeReplayed, judgeCode, judgeGrant, judgeRefresh, judgeRotation, refreshReplayed } from '../grant-state.ts';
import type { CassandraAccess } from './access.ts';
import type { Decision } from './connection.ts';
import type { CassandraFamilies, HeldIssue, NewIssue } from './family.ts';
import { type CassandraParts, forEachSome } from './parts.ts';
import { parseCode, parseRefresh, parseUse, textOf } from './rows.ts';
import type { CassandraStandings } from './standings.ts';

/** Whose grants are killed. */
export interface WhoseGrants {
  readonly subject: string;
  readonly clientId?: string | undefined;
  readonly projectId?: string | undefined;
}

/** What the port says of codes, refresh tokens and grants. */
export interface CassandraGrants
  extends Pick<TokenStore, 'saveIssue' | 'saveAccess' | 'consumeCode' | 'findRefresh' | 'rotateRefresh'> {
  /** Gives how many lived. */
  killGrants(whose: WhoseGrants, note: Parameters<CassandraFamilies['kill']>[1]): Promise<number>;
  /** Notes whose a grant is, before it is saved. */
  own(
    grant: {
      readonly id: string;
      readonly subject: string | undefined;
      readonly clientId: string;
      readonly projectId: string;
    },
    endsAt: number,
  ): Promise<void>;
}

/** Opens the part of the store. */
export function createGrants(
  parts: CassandraParts,
  standings: CassandraStandings,
  families: CassandraFamilies,
  access: CassandraAccess,
): CassandraGrants {
  const { connection, lifetimes, retentionMs } = parts;
  const { read, write, change } = connection;

  /** A code or refresh token with its grant and whether that lives. */
  async function look(grantId: string, kind: NewIssue['kind'], hash: string, isSerial?: boolean) {
    const issue = await families.findIssued(grantId, kind, hash, isSerial);
    if (issue === undefined) return undefined;
    return { issue, standing: judgeGrant(issue.held, await standings.find(issue.held.grant)) };
  }
  const refreshOf = ({ issued, used, held }: HeldIssue) => ({
    ...{ token: parseRefresh(issued), used: used === undefined ? undefined : parseUse(used), grant: held.grant },
  });

  /** The row is keyed with the timestamp of its end, so that of two the one that stays longer wins. */
  const own: CassandraGrants['own'] = async ({ id, subject, clientId, projectId }, endsAt) => {
    if (subject === undefined) return;
    const query =
      'INSERT INTO owned (subject, grant_id, client, project) VALUES (?, ?, ?, ?) USING TTL ? AND TIMESTAMP ?';
    const ttl = lifetimes.ttl(endsAt, retentionMs);
    await write({ query, params: [subject, id, clientId, projectId, ttl, Math.round(endsAt)] });
  };

  async function saveAccess(token: Parameters<TokenStore['saveAccess']>[0]): Promise<void> {
    if (token.grantId !== undefined) await prolong(token.grantId, token.expiresAt);
    await access.save(token);
  }
  async function prolong(id: string, endsAt: number): Promise<void> {
    const held = await families.findGrant(id);
    if (held === undefined || held.endsAt >= endsAt) return;
    await own(held.grant, endsAt);
    await families.save(id, { grant: undefined, issued: [], endsAt });
  }

  return {
    own,
    saveAccess,
    async saveIssue({ grant, code, access: token, refresh }: Issue) {
      const issued: NewIssue[] = [];
      if (code !== undefined) issued.push({ kind: 'c', issued: code });
      if (refresh !== undefined) issued.push({ kind: 'r', issued: refresh });
      const id = grant?.id ?? code?.grantId ?? refresh?.grantId;
      if (id !== undefined) {
        const ends = [code, refresh, token?.grantId === id ? token : undefined].map((one) => one?.expiresAt ?? 0);
        const endsAt = Math.max(...ends, grant?.createdAt ?? 0);
        const owner = grant ?? (await families.findGrant(id))?.grant;
        await Promise.all([families.index(issued.map((one) => one.issued)), owner && own(owner, endsAt)]);
        await families.save(id, { grant, issued, endsAt });
      }
      if (token !== undefined) await (token.grantId === id ? access.save(token) : saveAccess(token));
    },

    async consumeCode(hash, attempt) {
      const grantId = await families.findGrantId(hash);
      if (grantId === undefined) return { state: 'unknown' };
      const consumed = await change<ConsumedCode>(`grant ${grantId}`, async (isSerial) => {
        const found = await look(grantId, 'c', hash, isSerial);
        if (found === undefined) return { answer: { state: 'unknown' } };
        const { issue, standing } = found;
        const code = parseCode(issue.issued);
        const stored = { code, consumedBy: issue.used, grant: issue.held.grant, standing };
        const judged = judgeCode(stored, attempt);
        if (judged.state !== 'consumed' || issue.used !== undefined) return { answer: judged };
        const use = { kind: 'c', issued: code, used: attempt.id } as const;
        return { answer: judged, statements: families.useStatements(issue, use, [], 0) };
      });
      if (consumed.state === 'replayed') await families.kill(grantId, codeReplayed(attempt.now));
      return consumed;
    },

    async findRefresh(hash, now) {
      const grantId = await families.findGrantId(hash);
      const found = grantId === undefined ? undefined : await look(grantId, 'r', hash);
      if (found === undefined) return { state: 'unknown' };
      return judgeRefresh({ ...refreshOf(found.issue), standing: found.standing }, now);
    },

    async rotateRefresh(rotation) {
      const { hash, attemptId, now, access: token, successor } = rotation;
      const grantId = await families.findGrantId(hash);
      if (grantId === undefined) return { state: 'unknown' };
      type Judged = Rotated | { readonly state: 'repeated' };
      const rotated = await change<Judged>(`grant ${grantId}`, async (isSerial): Promise<Decision<Judged>> => {
        const [found, saved] = await Promise.all([look(grantId, 'r', hash, isSerial), access.load(token.hash)]);
        if (found === undefined) return { answer: { state: 'unknown' } };
        const stored = { ...refreshOf(found.issue), standing: found.standing };
        const judged = judgeRotation(stored, rotation, saved?.token.grantId === grantId);
        if (judged.state !== 'rotated') return { answer: judged };
        const endsAt = Math.max(successor.expiresAt, token.expiresAt);
        await Promise.all([families.index([successor]), own(found.issue.held.grant, endsAt)]);
        const used = JSON.stringify({ at: now, by: attemptId });
        const use = { kind: 'r', issued: stored.token, used } as const;
        const next = [{ kind: 'r', issued: successor }] as const;
        return { answer: judged, statements: families.useStatements(found.issue, use, next, endsAt) };
      });
      if (rotated.state === 'replayed') await families.kill(grantId, refreshReplayed(now));
      // Only now: whoever lost the race leaves nothing behind. The same attempt comes here again when this fails.
      if (rotated.state === 'rotated' || rotated.state === 'repeated') await access.save(token);
      if (rotated.state === 'graced') await saveAccess(token);
      return rotated.state === 'repeated' ? { state: 'rotated' } : rotated;
    },

    async killGrants({ subject, clientId, projectId }, note) {
      const rows = await read('SELECT grant_id, client, project FROM owned WHERE subject = ?', [subject]);
      const ids = rows
        .filter((row) => clientId === undefined || textOf(row, 'client') === clientId)
        .filter((row) => projectId === undefined || textOf(row, 'project') === projectId)
        .map((row) => textOf(row, 'grant_id') ?? '');
      let living = 0;
      await forEachSome(ids, async (id) => {
        const killed = await families.kill(id, note);
        if (killed?.isKilled === true && killed.endsAt > note.at) living += 1;
      });
      return living;
    },
  };
}
