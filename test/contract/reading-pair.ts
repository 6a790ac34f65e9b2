import type { TokenStore } from '#core/token-store';

/** One store of two on the same data: what is asked for is read by the other one, as another process would. */
export function readingPair(writer: TokenStore, reader: TokenStore): TokenStore {
  return {
    ...writer,
    findAccess: reader.findAccess,
    findRefresh: reader.findRefresh,
    findGrant: reader.findGrant,
    findTransient: reader.findTransient,
    findConsent: reader.findConsent,
    listConsents: reader.listConsents,
    readStandings: reader.readStandings,
    readFeedMark: reader.readFeedMark,
    changesSince: reader.changesSince,
    countLive: reader.countLive,
    sizes: reader.sizes,
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]();
      await reader[Symbol.asyncDispose]();
    },
  };
}
