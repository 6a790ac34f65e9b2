import * as z from 'zod';
import type { TokenStoreMigration } from '#core/model/token-store';
import { COPIED_KINDS } from '#core/token-store';
import { MOVE_PHASES, type MovePlace } from '#core/token-stores';
import type { Reader } from '../database.ts';
import type { TokenStoreTable } from './tables.ts';

const movePlace = z.object({
  phase: z.enum(MOVE_PHASES),
  kind: z.enum(COPIED_KINDS),
  after: z.string().optional(),
  ...{ since: z.number(), found: z.number(), moved: z.number() },
});
const storeMove = z.object({
  startedAt: z.number(),
  startedBy: z.string(),
  /** Left out: at the beginning. */
  place: movePlace.optional(),
  total: z.number().optional(),
  problem: z.string().optional(),
});

/** How far the move of a store is, as it stands in the column `move`. */
export type StoreMove = z.infer<typeof storeMove>;

/** Where a move is; undefined: at the beginning. */
export function placeOf({ place }: StoreMove): MovePlace | undefined {
  return place && { ...place, after: place.after };
}

/** @returns undefined for a store that is not, and was not moved */
export function moveOf(row: Pick<TokenStoreTable, 'move'>): StoreMove | undefined {
  return row.move === null ? undefined : storeMove.parse(JSON.parse(row.move));
}

/** The same as it is shown. */
export function migrationOf(
  row: Pick<TokenStoreTable, 'move' | 'moves_to' | 'moved_at'>,
): TokenStoreMigration | undefined {
  const move = moveOf(row);
  if (move === undefined || row.moves_to === null) return undefined;
  const { startedAt, startedBy, place, total, problem } = move;
  return {
    ...{ to: row.moves_to, startedAt, startedBy, moved: place?.moved ?? 0 },
    phase: row.moved_at === null ? (place?.phase ?? 'copying') : 'done',
    ...(total !== undefined && { total }),
    ...(row.moved_at !== null && { endedAt: Number(row.moved_at) }),
    ...(problem !== undefined && { problem }),
  };
}

/** The stores that are being moved, in the order of their names. */
export async function listMoving(reader: Reader): Promise<readonly TokenStoreTable[]> {
  return reader
    .selectFrom('token_stores')
    .selectAll()
    .where('moves_to', 'is not', null)
    .where('moved_at', 'is', null)
    .orderBy('name')
    .execute();
}
