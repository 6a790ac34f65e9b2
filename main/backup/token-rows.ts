import * as z from 'zod';
import { STANDING_KINDS } from '#core/standing';
import type { CopiedRow, RevocationNote } from '#core/token-store';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const text = z.string();
const id = z.string().min(1);
const note = z.strictObject({ by: text, at: z.number(), reason: text.optional() });
const details = z.strictObject({
  audience: z.array(text).optional(),
  certificate: text.optional(),
  actors: z.array(text).optional(),
  username: text.optional(),
  authenticatedAt: z.number().optional(),
  jti: text.optional(),
});
const issued = {
  clientId: id,
  subscriptionId: id,
  productId: id,
  serverGroupId: id,
  projectId: id,
  subject: id.optional(),
  scopes: z.array(text),
  generations: z.strictObject({
    client: z.int(),
    subscription: z.int(),
    secret: z.int().optional(),
    subject: z.int().optional(),
  }),
  parameters: z.record(z.string(), z.string()),
  details: details.optional(),
};
const timed = { issuedAt: z.number(), expiresAt: z.number() };

const ROW = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('standing'),
    standing: z.strictObject({
      kind: z.enum(STANDING_KINDS),
      ...{ id, generation: z.int(), active: z.boolean(), by: text, at: z.number(), reason: text.optional() },
    }),
  }),
  z.strictObject({
    kind: z.literal('grant'),
    grant: z.strictObject({ id, createdAt: z.number(), ...issued }),
    revoked: note.optional(),
  }),
  z.strictObject({
    kind: z.literal('access'),
    token: z.strictObject({ hash, secretId: id.optional(), grantId: id.optional(), ...timed, ...issued }),
    revoked: note.optional(),
  }),
  z.strictObject({
    kind: z.literal('code'),
    code: z.strictObject({
      ...{ hash, grantId: id, redirectUri: text.optional(), codeChallenge: text.optional(), ...timed },
    }),
    consumed: text.optional(),
  }),
  z.strictObject({
    kind: z.literal('refresh'),
    token: z.strictObject({ hash, grantId: id, ...timed }),
    used: z.strictObject({ by: text, at: z.number() }).optional(),
  }),
  z.strictObject({ kind: z.literal('once'), key: hash, until: z.number() }),
  z.strictObject({
    kind: z.literal('consent'),
    consent: z.strictObject({
      ...{ subject: id, clientId: id, projectId: id, scopes: z.array(text) },
      ...{ grantedAt: z.number(), updatedAt: z.number() },
    }),
  }),
]);

/** A row of a token store out of a backup; undefined when this version does not know such a row. */
export function parseTokenRow(row: unknown): CopiedRow | undefined {
  const parsed = ROW.safeParse(row);
  // JSON leaves out what is undefined.
  return parsed.success ? (parsed.data as CopiedRow) : undefined;
}

/** What of a token store goes into a backup: all but what lives for a moment (sign-in sessions, pushed requests, device codes). */
export const BACKED_UP_KINDS = ['standing', 'grant', 'access', 'code', 'refresh', 'once', 'consent'] as const;

/** How rows are restored. */
export interface Reviving {
  readonly keepTokens: boolean;
  /** Who revokes what is not kept, and when. */
  readonly note: RevocationNote;
  /** What expired before is left out. */
  readonly expiredBefore: number;
}

/** The row as it is restored; undefined: it is not. Nothing gets more life than it had when it was backed up, a code has none. */
export function restoredRow(
  row: CopiedRow,
  { keepTokens, note: death, expiredBefore }: Reviving,
): CopiedRow | undefined {
  switch (row.kind) {
    case 'standing':
      return row;
    case 'once':
      return row.until < expiredBefore ? undefined : row;
    case 'grant':
      return keepTokens ? row : { ...row, revoked: row.revoked ?? death };
    case 'access':
      if (row.token.expiresAt < expiredBefore) return undefined;
      return keepTokens ? row : { ...row, revoked: row.revoked ?? death };
    case 'code':
      return row.code.expiresAt < expiredBefore ? undefined : { ...row, consumed: row.consumed ?? death.by };
    case 'refresh':
      return row.token.expiresAt < expiredBefore ? undefined : row;
    case 'consent':
      return keepTokens ? row : undefined;
    case 'transient':
      return undefined;
  }
}
