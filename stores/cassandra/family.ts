import type { AuthorizationCode, Grant, RefreshToken, RevocationNote } from '#core/token-store';
import type { StoredGrant } from '../grant-state.ts';
import type { Statement } from './connection.ts';
import type { CassandraParts } from './parts.ts';
import { bytesOf, detailsText, grantText, noteText, numberOf, parseGrant, parseNote, textOf } from './rows.ts';

/** Of what is issued from a grant: `c`odes and `r`efresh tokens. */
export type IssuedKind = 'c' | 'r';

/** A grant as it is kept. */
export interface HeldGrant extends StoredGrant {
  /** When the last that was issued from it ends. */
  readonly endsAt: number;
  /** The attempt that killed it. */
  readonly killedBy: string | undefined;
  /** What a change of it depends on: nothing of this may have changed meanwhile. */
  readonly seen: { readonly data: string; readonly details: string; readonly revoked: string | undefined };
}

/** A code or refresh token with its grant. */
export interface HeldIssue {
  readonly held: HeldGrant;
  /** The code or refresh token (JSON). */
  readonly issued: string;
  readonly used: string | undefined;
}

/** A code or refresh token, and by what it was used (as text). */
export interface NewIssue {
  readonly kind: IssuedKind;
  readonly issued: AuthorizationCode | RefreshToken;
  readonly used?: string | undefined;
}

/** What is saved of a grant. */
export interface NewFamily {
  readonly grant: Grant | undefined;
  readonly issued: readonly NewIssue[];
  /** When the last that is issued from it ends. */
  readonly endsAt: number;
  /** For a grant that is dead when it comes. */
  readonly death?: RevocationNote | undefined;
}

/** Grants with their codes and refresh tokens: a partition each, which only LWT writes. */
export interface CassandraFamilies {
  findGrant(id: string, isSerial?: boolean): Promise<HeldGrant | undefined>;
  /** To which grant a code or refresh token belongs. */
  findGrantId(hash: string): Promise<string | undefined>;
  findIssued(grantId: string, kind: IssuedKind, hash: string, isSerial?: boolean): Promise<HeldIssue | undefined>;
  /** Notes the grant of what is about to be issued. Before it is: then nothing is there that nobody finds. */
  index(
    issued: readonly { readonly hash: string; readonly grantId: string; readonly expiresAt: number }[],
  ): Promise<void>;
  /** Saves a grant, what is issued from it, or both. Only the details change of one that is there. */
  save(id: string, what: NewFamily): Promise<void>;
  /** Takes over what another store knew of a code or refresh token: the row, or its use when the row is there. */
  adopt(one: NewIssue): Promise<void>;
  /** The statements that note a use, with what is issued for it; they hold as long as the grant is as it was seen. @param endsAt when the last of that ends */
  useStatements(
    issue: HeldIssue,
    use: NewIssue & { readonly used: string },
    successors: readonly NewIssue[],
    endsAt: number,
  ): readonly Statement[];
  /** The first note stays. `isKilled`: by this call. Undefined when there is no such grant. */
  kill(id: string, note: RevocationNote): Promise<{ readonly isKilled: boolean; readonly endsAt: number } | undefined>;
}

const UNCHANGED = 'IF data = ? AND details = ? AND ends_at = ? AND revoked = ?';

/** Opens the part of the store. */
export function createFamilies({
  connection,
  lifetimes,
  retentionMs,
  newAttempt,
  append,
}: CassandraParts): CassandraFamilies {
  const { read, write, change } = connection;
  const ttlOf = (endsAt: number) => lifetimes.ttl(endsAt, retentionMs);

  const issueStatements = (grantId: string, issues: readonly NewIssue[]): Statement[] =>
    issues.map(({ kind, issued, used }) => ({
      query: 'UPDATE grants USING TTL ? SET issued = ?, used = ? WHERE grant_id = ? AND kind = ? AND hash = ?',
      params: [ttlOf(issued.expiresAt), JSON.stringify(issued), used, grantId, kind, bytesOf(issued.hash)],
    }));
  const unchanged = ({ seen, endsAt }: HeldGrant) => [seen.data, seen.details, endsAt, seen.revoked ?? null];
  /** Everything of the grant is written anew, since each cell has a TTL of its own. */
  const prolong = (id: string, held: HeldGrant, details: string, endsAt: number): Statement => ({
    query: `UPDATE grants USING TTL ? SET data = ?, details = ?, ends_at = ?, revoked = ? WHERE grant_id = ? ${UNCHANGED}`,
    params: [ttlOf(endsAt), held.seen.data, details, endsAt, held.seen.revoked, id, ...unchanged(held)],
  });

  async function findGrant(id: string, isSerial = false) {
    const query = 'SELECT DISTINCT grant_id, data, details, ends_at, revoked FROM grants WHERE grant_id = ?';
    const [row] = await read(query, [id], isSerial);
    return row && heldOf(row);
  }

  async function findIssued(grantId: string, kind: IssuedKind, hash: string, isSerial?: boolean) {
    const columns = 'issued, used, data, details, ends_at, revoked';
    const query = `SELECT ${columns} FROM grants WHERE grant_id = ? AND kind = ? AND hash = ?`;
    const [row] = await read(query, [grantId, kind, bytesOf(hash)], isSerial);
    const held = row && heldOf(row);
    const issued = row && textOf(row, 'issued');
    if (row === undefined || held === undefined || issued === undefined) return undefined;
    return { held, issued, used: textOf(row, 'used') };
  }

  /** Notes the use of one that is there and was not used, as long as the grant is as alive or dead as it was. */
  const useOnce = ({ held }: HeldIssue, kind: IssuedKind, { hash, expiresAt }: NewIssue['issued'], used: string) => ({
    query:
      'UPDATE grants USING TTL ? SET used = ? WHERE grant_id = ? AND kind = ? AND hash = ? IF used = ? AND issued != ? AND revoked = ?',
    params: [
      ...[ttlOf(expiresAt), used, held.grant.id, kind, bytesOf(hash)],
      ...[null, null, held.seen.revoked ?? null],
    ],
  });

  return {
    findGrant,
    findIssued,
    async findGrantId(hash) {
      const [row] = await read('SELECT grant_id FROM issued WHERE hash = ?', [bytesOf(hash)]);
      return row && textOf(row, 'grant_id');
    },
    async index(issued) {
      const query = 'INSERT INTO issued (hash, grant_id) VALUES (?, ?) USING TTL ?';
      if (issued.length === 0) return;
      await write(
        ...issued.map(({ hash, grantId, expiresAt }) => ({
          query,
          params: [bytesOf(hash), grantId, ttlOf(expiresAt)],
        })),
      );
    },
    async save(id, { grant, issued, endsAt, death }) {
      const revoked = death === undefined ? undefined : noteText(death, newAttempt());
      await change(`grant ${id}`, async (isSerial) => {
        const held = await findGrant(id, isSerial);
        if (held === undefined) {
          if (grant === undefined) return { answer: undefined };
          const ends = Math.max(endsAt, grant.createdAt);
          const create = {
            query:
              'UPDATE grants USING TTL ? SET data = ?, details = ?, ends_at = ?, revoked = ? WHERE grant_id = ? IF data = ?',
            params: [ttlOf(ends), grantText(grant), detailsText(grant), ends, revoked, id, null],
          };
          return { answer: undefined, statements: [create, ...issueStatements(id, issued)] };
        }
        const details = grant === undefined ? held.seen.details : detailsText(grant);
        const isSame = details === held.seen.details && endsAt <= held.endsAt;
        if (isSame && issued.length === 0) return { answer: undefined };
        const statement = prolong(id, held, details, Math.max(endsAt, held.endsAt));
        return { answer: undefined, statements: [statement, ...issueStatements(id, issued)] };
      });
    },
    useStatements(issue, { kind, issued, used }, successors, endsAt) {
      const { held } = issue;
      const id = held.grant.id;
      const longer = endsAt > held.endsAt ? [prolong(id, held, held.seen.details, endsAt)] : [];
      return [useOnce(issue, kind, issued, used), ...longer, ...issueStatements(id, successors)];
    },
    async adopt({ kind, issued, used }) {
      const { grantId, hash, expiresAt } = issued;
      await change(`grant ${grantId}`, async (isSerial) => {
        const [held, issue] = await Promise.all([
          findGrant(grantId, isSerial),
          findIssued(grantId, kind, hash, isSerial),
        ]);
        if (held === undefined) return { answer: undefined };
        if (issue === undefined) {
          const insert = {
            query:
              'UPDATE grants USING TTL ? SET issued = ?, used = ? WHERE grant_id = ? AND kind = ? AND hash = ? IF issued = ?',
            params: [ttlOf(expiresAt), JSON.stringify(issued), used, grantId, kind, bytesOf(hash), null],
          };
          const ends = Math.max(held.endsAt, expiresAt);
          return { answer: undefined, statements: [prolong(grantId, held, held.seen.details, ends), insert] };
        }
        if (used === undefined || issue.used !== undefined) return { answer: undefined };
        return { answer: undefined, statements: [useOnce(issue, kind, issued, used)] };
      });
    },
    async kill(id, note) {
      const attempt = newAttempt();
      const killed = await change(`grant ${id}`, async (isSerial) => {
        const held = await findGrant(id, isSerial);
        if (held === undefined) return { answer: undefined };
        const { endsAt, killedBy } = held;
        if (killedBy !== undefined) return { answer: { isKilled: killedBy === attempt, endsAt } };
        const query = 'UPDATE grants USING TTL ? SET revoked = ? WHERE grant_id = ? IF data != ? AND revoked = ?';
        const params = [ttlOf(endsAt), noteText(note, attempt), id, null, null];
        return { answer: { isKilled: true, endsAt }, statements: [{ query, params }] };
      });
      if (killed?.isKilled === true) await append([{ kind: 'grant', id }]);
      return killed;
    },
  };

  function heldOf(row: Parameters<typeof textOf>[0]): HeldGrant | undefined {
    const [data, details, endsAt] = [textOf(row, 'data'), textOf(row, 'details'), numberOf(row, 'ends_at')];
    if (data === undefined || details === undefined || endsAt === undefined) return undefined;
    const revoked = textOf(row, 'revoked');
    const death = revoked === undefined ? undefined : parseNote(revoked);
    return {
      ...{ grant: parseGrant(data, details), revocation: death?.note, killedBy: death?.attempt },
      ...{ endsAt, seen: { data, details, revoked } },
    };
  }
}
