import type { SigningKeyView } from '#core/model/signing-key';
import { SIGNING_ALGORITHMS, type SigningAlgorithm, type SigningKeyState } from '#core/signing-keys';
import type { SigningKeyTable } from './tables.ts';

const DAY_MS = 86_400_000;
/** A key is published so long before it signs: whoever keeps key sets has it by then. */
export const PUBLISHED_BEFORE_MS = DAY_MS;
/** A retired key is published so long: longer than any access token lives (30 days at most). */
const KEPT_AFTER_MS = 31 * DAY_MS;

/** What is to be done now. */
export interface SigningKeySteps {
  /** Algorithms that have no key: one is made and signs at once. */
  readonly missing: readonly SigningAlgorithm[];
  /** Algorithms whose current key ends soon and has no successor. */
  readonly successors: readonly { readonly algorithm: SigningAlgorithm; readonly signsAt: number }[];
  /** Keys whose time to sign has come. */
  readonly promoted: readonly SigningKeyTable[];
  /** Retired ones that nobody needs any more. */
  readonly removed: readonly SigningKeyTable[];
}

/** What is due, by the rows alone. @param rotationMs how long a key signs */
export function stepsOf(
  rows: readonly SigningKeyTable[],
  { now, rotationMs }: { readonly now: number; readonly rotationMs: number },
): SigningKeySteps {
  const of = (algorithm: SigningAlgorithm, state: SigningKeyState) =>
    rows.find((row) => row.algorithm === algorithm && row.state === state);
  const successors = SIGNING_ALGORITHMS.flatMap((algorithm) => {
    const current = of(algorithm, 'current');
    if (current === undefined || of(algorithm, 'next') !== undefined) return [];
    const rotatesAt = rotationOf(current, rotationMs);
    if (now < rotatesAt - PUBLISHED_BEFORE_MS) return [];
    return [{ algorithm, signsAt: Math.max(rotatesAt, now + PUBLISHED_BEFORE_MS) }];
  });
  return {
    missing: SIGNING_ALGORITHMS.filter((algorithm) => of(algorithm, 'current') === undefined),
    successors,
    promoted: rows.filter(({ state, signs_at }) => state === 'next' && signs_at <= now),
    removed: rows.filter(({ retired_at }) => retired_at !== null && retired_at + KEPT_AFTER_MS <= now),
  };
}

/** A key as it may be shown. */
export function viewSigningKey(
  row: SigningKeyTable,
  { rows, rotationMs }: { readonly rows: readonly SigningKeyTable[]; readonly rotationMs: number },
): SigningKeyView {
  const next = rows.find(({ algorithm, state }) => algorithm === row.algorithm && state === 'next');
  const isCurrent = row.state === 'current';
  return {
    kid: row.kid,
    algorithm: algorithmOf(row),
    state: isCurrent ? 'current' : row.state === 'next' ? 'next' : 'retired',
    createdAt: row.created_at,
    createdBy: row.created_by,
    signsAt: row.signs_at,
    ...(isCurrent && { rotatesAt: next?.signs_at ?? rotationOf(row, rotationMs) }),
    ...(row.retired_at !== null && { retiredAt: row.retired_at, removedAt: row.retired_at + KEPT_AFTER_MS }),
    publicJwk: JSON.parse(row.public_jwk),
  };
}

/** The algorithm of a row. */
export function algorithmOf({ algorithm }: SigningKeyTable): SigningAlgorithm {
  const known = SIGNING_ALGORITHMS.find((one) => one === algorithm);
  if (known === undefined) throw new Error(`There is a signing key of ${algorithm}, which is not known here.`);
  return known;
}

function rotationOf({ signs_at: signsAt }: SigningKeyTable, rotationMs: number): number {
  return signsAt + rotationMs;
}
