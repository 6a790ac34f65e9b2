import type { CopiedKind, CopiedPage, CopiedRow, RefreshToken, RevocationNote, TokenStore } from '#core/token-store';
import * as rows from './rows.ts';

type Run = (operation: string, input: unknown) => Promise<rows.Reply>;
/** A kind that has an index by its end. */
type IndexedKind = Exclude<CopiedKind, 'standing' | 'consent'>;
type Fields = readonly (string | null | undefined)[];

/** Where the rows of a kind are: its letter, its index, what is read of each, and how that is taken apart. */
const SOURCES: {
  readonly [Kind in IndexedKind]: {
    readonly kind: string;
    readonly index: string;
    readonly fields: readonly string[];
    row(key: string, fields: Fields): CopiedRow;
  };
} = {
  grant: {
    ...{ kind: 'g', index: 'grants', fields: ['d', 'r', 'x'] },
    row: (_, [data, revoked, details]) => ({
      kind: 'grant',
      grant: rows.parseGrant(details == null ? String(data) : `[${data},${details}]`),
      revoked: noteOf(revoked),
    }),
  },
  access: {
    ...{ kind: 'a', index: 'access', fields: ['d', 'r'] },
    row: (_, [data, revoked]) => ({
      ...{ kind: 'access', token: rows.parseAccess(String(data)), revoked: noteOf(revoked) },
    }),
  },
  code: {
    ...{ kind: 'c', index: 'codes', fields: ['d', 'r'] },
    row: (_, [data, consumed]) => ({
      ...{ kind: 'code', code: rows.parseCode(String(data)), consumed: consumed ?? undefined },
    }),
  },
  refresh: {
    ...{ kind: 'r', index: 'refresh', fields: ['d', 'r'] },
    row: (_, [data, used]) => ({
      ...{ kind: 'refresh', token: rows.read<RefreshToken>(String(data)) },
      used: used == null ? undefined : rows.read<{ by: string; at: number }>(used),
    }),
  },
  once: {
    ...{ kind: 'o', index: 'once', fields: [] },
    row: (key, [until]) => ({ kind: 'once', key, until: Number(until) }),
  },
  transient: {
    ...{ kind: 't', index: 'transients', fields: ['v', 'n', 'e'] },
    row: (key, [value, version, expiresAt]) => ({
      ...{ kind: 'transient', key, value: String(value), version: Number(version), expiresAt: Number(expiresAt) },
    }),
  },
};

/** Copying rows out and in, each page and each batch in one step. */
export function createCopies(
  run: Run,
  readStandings: TokenStore['readStandings'],
): Pick<TokenStore, 'copyOut' | 'copyIn'> {
  return {
    async copyOut(kind, after, limit): Promise<CopiedPage> {
      if (kind === 'standing') {
        const standings = await readStandings();
        return { rows: standings.map((standing) => ({ kind: 'standing', standing })), next: undefined };
      }
      if (kind === 'consent') {
        const [next, ...texts] = (await run('copyConsents', { after, limit })) as (string | null)[];
        const consents = texts.map((text) => ({ kind: 'consent', consent: rows.read(String(text)) }) as CopiedRow);
        return { rows: consents, next: next ?? undefined };
      }
      const source = SOURCES[kind];
      const place = after === undefined ? undefined : JSON.parse(after);
      const { index, fields } = source;
      const reply = await run('copyOut', { index, fields, kind: source.kind, after: place, limit });
      const [next, ...found] = reply as [string | null, ...Fields[]];
      const there = found.filter(([, first]) => first != null);
      return {
        rows: there.map(([key, ...values]) => source.row(String(key), values)),
        next: next ?? undefined,
      };
    },
    async copyIn(copied) {
      if (copied.length > 0) await run('copyIn', copied.map(inputOf));
    },
  };
}

/** A row as the script takes it: `k` its kind, `r` its death, use or attempt. */
function inputOf(row: CopiedRow): object {
  const k = row.kind;
  switch (row.kind) {
    case 'standing': {
      const { kind, id, generation: n, at } = row.standing;
      return { k, f: rows.standingField(kind, id), n, at, d: rows.standingText(row.standing) };
    }
    case 'grant':
      return { k, ...rows.grantInput(row.grant), r: noteText(row.revoked) };
    case 'access':
      return { k, ...rows.accessInput(row.token), r: noteText(row.revoked) };
    case 'code':
      return { k, ...rows.issuedInput(row.code), r: row.consumed };
    case 'refresh':
      return { k, ...rows.issuedInput(row.token), r: row.used && JSON.stringify({ at: row.used.at, by: row.used.by }) };
    case 'once':
      return { k, key: row.key, e: row.until };
    case 'transient':
      return { k, key: row.key, v: row.value, n: row.version, e: row.expiresAt };
    case 'consent': {
      const { subject, clientId, projectId, scopes, grantedAt, updatedAt } = row.consent;
      const text = JSON.stringify({ subject, clientId, projectId, scopes, grantedAt, updatedAt });
      return { k, u: subject, f: `${clientId} ${projectId}`, at: updatedAt, d: text };
    }
  }
}

const noteOf = (text: string | null | undefined) => (text == null ? undefined : rows.parseNoted<RevocationNote>(text));
const noteText = (note: RevocationNote | undefined) =>
  note && JSON.stringify({ by: note.by, at: note.at, reason: note.reason });
