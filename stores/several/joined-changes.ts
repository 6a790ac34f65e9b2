import { UnavailableError } from '#core/errors';
import type { StoreChange, StoreChanges, StoreCursor, TokenStore } from '#core/token-store';

/**
 * The feeds of several stores as one: the cursor holds a place in each. A store that came since begins at its present place, one that is away
 * keeps its place: what a reader has cached of it ends soon by itself. At most `limit` changes of each.
 * @throws UnavailableError when none answers
 */
export async function joinedChanges(
  stores: ReadonlyMap<string, TokenStore>,
  cursor: StoreCursor | undefined,
  limit: number,
): Promise<StoreChanges> {
  const places = parsePlaces(cursor);
  const changes: StoreChange[] = [];
  const next: [string, StoreCursor][] = [];
  let flush = places === undefined;
  let away: UnavailableError | undefined;
  let answered = 0;
  const read = async ([name, store]: readonly [string, TokenStore]) => {
    const place = places?.get(name);
    try {
      const page = await store.changesSince(place, limit);
      answered += 1;
      flush ||= page.flush;
      changes.push(...page.changes);
      next.push([name, page.cursor]);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      away ??= error;
      if (place !== undefined) next.push([name, place]);
    }
  };
  await Promise.all([...stores].map(read));
  if (away !== undefined && answered === 0) throw away;
  return { cursor: joinPlaces(next), flush, changes };
}

/** `name=cursor`, separated by spaces. */
function joinPlaces(places: readonly (readonly [string, StoreCursor])[]): StoreCursor {
  return places.map(([name, place]) => `${name}=${encodeURIComponent(place)}`).join(' ');
}

/** Undefined for text that is no cursor of several stores: its place is lost. */
function parsePlaces(cursor: StoreCursor | undefined): ReadonlyMap<string, StoreCursor> | undefined {
  if (cursor === undefined) return new Map();
  const places = cursor.split(' ').map((one) => /^([a-z0-9-]+)=((?:[^=%]|%[0-9A-F]{2})+)$/.exec(one));
  if (places.some((place) => place === null)) return undefined;
  return new Map(places.map((place) => [place?.[1] ?? '', decodeURIComponent(place?.[2] ?? '')]));
}
