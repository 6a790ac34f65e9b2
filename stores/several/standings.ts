import type { Standing } from '#core/standing';
import type { TokenStore } from '#core/token-store';
import { askAll } from './ask.ts';

/** A place in the manager's feed. */
type FeedMark = Awaited<ReturnType<TokenStore['readFeedMark']>>;

/** Every standing that one of the stores has, of several the highest generation. @throws UnavailableError when none answers */
export async function joinedStandings(stores: readonly TokenStore[]): Promise<readonly Standing[]> {
  const { answers, away } = await askAll(stores, (store) => store.readStandings());
  if (answers.length === 0 && away !== undefined) throw away;
  const highest = new Map<string, Standing>();
  for (const standing of answers.flat()) {
    const key = `${standing.kind} ${standing.id}`;
    const known = highest.get(key);
    const isNewer =
      known === undefined ||
      standing.generation > known.generation ||
      (standing.generation === known.generation && standing.at > known.at);
    if (isNewer) highest.set(key, standing);
  }
  return [...highest.values()];
}

/** Up to where all of them have everything; undefined when one has nothing, or they are of different feeds. */
export function lowestMark(marks: readonly FeedMark[]): FeedMark {
  const [first, ...others] = marks;
  if (first === undefined || others.some((mark) => mark?.epoch !== first.epoch)) return undefined;
  return { epoch: first.epoch, seq: Math.min(...marks.map((mark) => mark?.seq ?? 0)) };
}
