import type { StoreChange, StoreChanges } from '#core/token-store';
import { cursorOf, isPlaceLost, parseCursor } from '../feed-cursor.ts';

const FEED_ENTRIES = 10_000;

/** The store's own feed, in memory. */
export interface MemoryFeed {
  append(change: StoreChange): void;
  since(cursor: string | undefined, limit: number): StoreChanges;
}

/** Makes an empty feed. */
export function createMemoryFeed(epoch: string): MemoryFeed {
  let feed: StoreChange[] = [];
  let last = 0;
  return {
    append(change) {
      feed.push(change);
      last += 1;
      if (feed.length > 2 * FEED_ENTRIES) feed = feed.slice(-FEED_ENTRIES);
    },
    since(cursor, limit) {
      const present = { epoch, seq: last };
      if (cursor === undefined) return { cursor: cursorOf(present), flush: false, changes: [] };
      const place = parseCursor(cursor);
      const first = last - feed.length + 1;
      if (place === undefined || isPlaceLost(place, { epoch, first, last })) {
        return { cursor: cursorOf(present), flush: true, changes: [] };
      }
      const changes = feed.slice(place.seq - first + 1, place.seq - first + 1 + limit);
      return { cursor: cursorOf({ epoch, seq: place.seq + changes.length }), flush: false, changes };
    },
  };
}
