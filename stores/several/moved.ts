import { setTimeout as sleep } from 'node:timers/promises';
import { UnavailableError } from '#core/errors';
import type { RevocationNote, TokenStore, Unknown } from '#core/token-store';
import { askAll } from './ask.ts';
import type { Members } from './members.ts';

// What is particular while rows are moved from one store to another (stores/moving).

/** What is taken in the one store is in the other within moments; when not, the caller tries again later. */
const LOOKS = 10;
const LOOK_EVERY_MS = 50;

type Ask<T> = (store: TokenStore) => T | Promise<T>;

/**
 * Asks in turn, and again while one store says that it was moved and no other knows it yet.
 * @throws UnavailableError it is on its way for too long: the move was interrupted
 */
export async function askWhereItIs<T extends { readonly state: string } | Unknown>(
  ask: Ask<T>,
  inTurn: (ask: Ask<T>) => T | Promise<T>,
): Promise<T> {
  for (let looks = 1; looks <= LOOKS; looks += 1) {
    let isMoved = false;
    const answer = await inTurn(async (store) => {
      const one = await ask(store);
      isMoved ||= 'isMoved' in one && one.isMoved === true;
      return one;
    });
    if (answer.state !== 'unknown' || !isMoved) return answer;
    await sleep(LOOK_EVERY_MS);
  }
  throw new UnavailableError('it is being moved to another token store');
}

/** Before a grant dies in a store that is moved, its death is written where it goes: a copy that comes later stays dead. */
export async function buryGrant({ underWay }: Members, id: string, note: RevocationNote): Promise<void> {
  for (const { from, to } of underWay) {
    const grant = await from.findGrant(id);
    if (grant !== undefined) await to.copyIn([{ kind: 'grant', grant, revoked: note }]);
  }
}

/** The same for an access token. */
export async function buryAccess({ underWay }: Members, hash: string, note: RevocationNote): Promise<void> {
  for (const { from, to } of underWay) {
    const found = await from.findAccess(hash, note.at);
    if (found.state !== 'unknown') await to.copyIn([{ kind: 'access', token: found.token, revoked: note }]);
  }
}

/**
 * Tells all stores, and where rows are moved once more: one that was copied after the first telling is there by the second.
 * @throws UnavailableError when one is away
 */
export async function tellAllTwice<T>({ all, underWay }: Members, ask: Ask<T>): Promise<readonly T[]> {
  const { answers, away } = await askAll(all, ask);
  const second = underWay.length > 0 ? await askAll(all, ask) : undefined;
  const failed = away ?? second?.away;
  if (failed !== undefined) throw failed;
  return answers;
}
