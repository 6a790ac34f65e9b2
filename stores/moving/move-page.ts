import type { Clock } from '#core/clock';
import type { CopiedKind, TokenStore } from '#core/token-store';
import type { MovePhase, MovePlace } from '#core/token-stores';
import { moveRows } from './move-rows.ts';

/**
 * What is gone through in which phase. `copying`: everything once. `settling`: what works once, again and again until nothing new is found, since
 * each refresh token that is still rotated in the former store leaves another one there. `closing`: what came from those meanwhile.
 */
const KINDS: Readonly<Record<Exclude<MovePhase, 'done'>, readonly [CopiedKind, ...CopiedKind[]]>> = {
  copying: ['standing', 'grant', 'access', 'consent', 'code', 'refresh'],
  settling: ['code', 'refresh'],
  closing: ['standing', 'grant', 'access', 'consent'],
};

const PAGE_SIZE = 500;

/** Where a move begins. */
export function beginOfMove(now: number): MovePlace {
  return { phase: 'copying', kind: KINDS.copying[0], after: undefined, since: now, found: 0, moved: 0 };
}

/** Moves the page at a place, and gives the place of the next one. @throws UnavailableError: the same page is to be moved again */
export async function movePage(
  stores: { readonly from: TokenStore; readonly to: TokenStore },
  place: MovePlace,
  clock: Clock,
  pageSize = PAGE_SIZE,
): Promise<MovePlace> {
  const { phase, kind, after, since } = place;
  if (phase === 'done') return place;
  const page = await moveRows(kind, after, { ...stores, now: clock.now(), since, pageSize });
  const [moved, found] = [place.moved + (phase === 'copying' ? page.moved : 0), place.found + page.found];
  if (page.next !== undefined) return { ...place, after: page.next, moved, found };
  const kinds = KINDS[phase];
  const next = kinds[kinds.indexOf(kind) + 1];
  if (next !== undefined) return { ...place, kind: next, after: undefined, moved, found };
  const following = phaseAfter(phase, found);
  const first = following === 'done' ? kind : KINDS[following][0];
  return { phase: following, kind: first, after: undefined, since: clock.now(), found: 0, moved };
}

function phaseAfter(phase: Exclude<MovePhase, 'done'>, found: number): MovePhase {
  if (phase === 'closing') return 'done';
  return phase === 'settling' && found === 0 ? 'closing' : 'settling';
}
