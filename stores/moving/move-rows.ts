import { type Consent, type CopiedKind, type CopiedRow, MOVED, type TokenStore } from '#core/token-store';

/** So many more pages are read again at most: rows that came meanwhile stand between. */
const MORE_PAGES = 20;
/** Clocks of gateways may be so much behind. */
const SKEW_MS = 5000;

type Of<Kind extends CopiedKind> = Extract<CopiedRow, { kind: Kind }>;

/** The two stores of a move, and the time. */
export interface MovedBetween {
  readonly from: TokenStore;
  readonly to: TokenStore;
  readonly now: number;
  /** When the pass over rows of this kind began. */
  readonly since: number;
  /** Rows that are read, written and looked at again at once. */
  readonly pageSize: number;
}

/** What became of a page. */
export interface MovedRows {
  readonly next: string | undefined;
  readonly moved: number;
  /** Codes and refresh tokens that could be used in the former store until now, or were a moment ago: there may be more of them. */
  readonly found: number;
}

/** Moves a page of rows. Doing it again has the same effect once; when it fails nothing is lost and it can be done again. */
export async function moveRows(kind: CopiedKind, after: string | undefined, stores: MovedBetween): Promise<MovedRows> {
  const page = await stores.from.copyOut(kind, after, stores.pageSize);
  const rows = page.rows.filter((row) => isUseful(row, stores.now));
  const again = (keys: ReadonlySet<string>) => readAgain(stores, kind, after, keys);
  const found = await MOVERS[kind]?.(rows, stores, again);
  return { next: page.next, moved: rows.length, found: found ?? 0 };
}

type ReadAgain = (keys: ReadonlySet<string>) => Promise<readonly CopiedRow[]>;
type Mover = (rows: readonly CopiedRow[], stores: MovedBetween, again: ReadAgain) => Promise<number>;

/** What lives for a moment (`once`, `transient`) is not moved: the former store is asked for it as long as it is there. */
const MOVERS: Partial<Record<CopiedKind, Mover>> = {
  standing: copy,
  grant: copyWithDeaths,
  access: copyWithDeaths,
  consent: copyConsents,
  code: take,
  refresh: take,
};

async function copy(rows: readonly CopiedRow[], { to }: MovedBetween): Promise<number> {
  if (rows.length > 0) await to.copyIn(rows);
  return 0;
}

/** What dies between reading and writing is looked at once more: whoever revokes tells both stores, so that one of the two sees it. */
async function copyWithDeaths(rows: readonly CopiedRow[], stores: MovedBetween, again: ReadAgain): Promise<number> {
  await copy(rows, stores);
  const living = keysOf(rows.filter((row) => !isDead(row)));
  if (living.size === 0) return 0;
  await copy((await again(living)).filter(isDead), stores);
  return 0;
}

/** One that was taken back between reading and writing must not stay. */
async function copyConsents(rows: readonly CopiedRow[], stores: MovedBetween, again: ReadAgain): Promise<number> {
  await copy(rows, stores);
  const keys = keysOf(rows);
  if (keys.size === 0) return 0;
  const there = keysOf(await again(keys));
  for (const row of rows)
    if (row.kind === 'consent' && !there.has(keyOf(row)))
      await stores.to.revokeConsent(row.consent, { by: 'its owner', at: stores.now, reason: undefined });
  return 0;
}

/**
 * What works once is taken in the former store before it is good in the next: one of the two has it at any time, and an attempt that comes
 * first wins. What was taken by an earlier try is written again.
 */
async function take(rows: readonly CopiedRow[], stores: MovedBetween, again: ReadAgain) {
  const { from, now, since } = stores;
  const free = rows.filter((row) => (row.kind === 'code' || row.kind === 'refresh') && userOf(row) === undefined);
  const keys = keysOf(free);
  let taken: readonly CopiedRow[] = [];
  if (free.length > 0) {
    await from.copyIn(free.map((row) => withUser(row, { by: MOVED, at: now })));
    taken = await again(keys);
    if (taken.length < keys.size) throw new Error('rows that were taken are not there any more');
  }
  const all = [...rows.filter((row) => !keys.has(keyOf(row))), ...taken];
  await copy(
    all.map((row) => (userOf(row)?.by === MOVED ? withUser(row, undefined) : row)),
    stores,
  );
  const inUse = all.filter((row) => row.kind === 'refresh' && row.used !== undefined && isFresh(row.used, since));
  return free.length + inUse.length;
}

const isFresh = ({ by, at }: { readonly by: string; readonly at: number }, since: number) =>
  by !== MOVED && at >= since - SKEW_MS;

function userOf(row: CopiedRow): { readonly by: string; readonly at: number } | undefined {
  if (row.kind === 'refresh') return row.used;
  return row.kind === 'code' && row.consumed !== undefined ? { by: row.consumed, at: 0 } : undefined;
}

function withUser(row: CopiedRow, used: { readonly by: string; readonly at: number } | undefined): CopiedRow {
  if (row.kind === 'refresh') return { ...row, used };
  return row.kind === 'code' ? { ...row, consumed: used?.by } : row;
}

/** False for what has expired: nobody can use it, and the former store says what became of it as long as it is asked. */
function isUseful(row: CopiedRow, now: number): boolean {
  if (row.kind === 'access' || row.kind === 'refresh') return row.token.expiresAt > now;
  return row.kind !== 'code' || row.code.expiresAt > now;
}

const isDead = (row: CopiedRow) => (row.kind === 'grant' || row.kind === 'access') && row.revoked !== undefined;

const keysOf = (rows: readonly CopiedRow[]): ReadonlySet<string> => new Set(rows.map(keyOf));

function keyOf(row: CopiedRow): string {
  switch (row.kind) {
    case 'standing':
      return `${row.standing.kind} ${row.standing.id}`;
    case 'grant':
      return row.grant.id;
    case 'access':
    case 'refresh':
      return row.token.hash;
    case 'code':
      return row.code.hash;
    case 'consent':
      return consentKey(row.consent);
    default:
      return row.key;
  }
}

const consentKey = ({ subject, clientId, projectId }: Consent) => JSON.stringify([subject, clientId, projectId]);

/** The rows with these keys as they are now; those that are gone are left out. They stand behind `after`, in the same order as before. */
async function readAgain<Kind extends CopiedKind>(
  { from, pageSize }: MovedBetween,
  kind: Kind,
  after: string | undefined,
  keys: ReadonlySet<string>,
): Promise<readonly Of<Kind>[]> {
  const found: Of<Kind>[] = [];
  let place = after;
  for (let pages = 0; pages <= MORE_PAGES; pages += 1) {
    const page = await from.copyOut(kind, place, pageSize);
    for (const row of page.rows) if (keys.has(keyOf(row))) found.push(row as Of<Kind>);
    if (found.length >= keys.size || page.next === undefined) break;
    place = page.next;
  }
  return found;
}
