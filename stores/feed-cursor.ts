/** A place in a store's own feed: which feed, and the number of the last entry that was read. Readers see it as one opaque string. */
export interface FeedPlace {
  readonly epoch: string;
  readonly seq: number;
}

/** The cursor of a place. */
export function cursorOf({ epoch, seq }: FeedPlace): string {
  return `${epoch}.${seq}`;
}

/** The place of a cursor; undefined for text that is none. */
export function parseCursor(cursor: string): FeedPlace | undefined {
  const match = /^([0-9A-Za-z]+)\.(\d{1,15})$/.exec(cursor);
  if (match?.[1] === undefined) return undefined;
  return { epoch: match[1], seq: Number(match[2]) };
}

/**
 * True when a reader at `cursor` lost its place in the feed that now holds the entries `first` to `last`: another feed (restored, other
 * store), a number that was never given, or entries that are gone already.
 */
export function isPlaceLost(
  place: FeedPlace | undefined,
  feed: { readonly epoch: string; readonly first: number; readonly last: number },
): boolean {
  return place === undefined || place.epoch !== feed.epoch || place.seq > feed.last || place.seq < feed.first - 1;
}
