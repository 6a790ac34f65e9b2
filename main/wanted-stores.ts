import { type FeedTokenStore, tokenStorePasswordContext } from '#core/change-feed';
import type { Logger } from '#core/logger';
import type { TokenStorePlace } from '#core/model/token-store';
import { type SealContext, SealError } from '#core/secret-box';
import type { WantedStore } from '#core/token-stores';

/** The token stores of the feed, with their passwords in the clear. One whose password does not open here is left out: what it keeps is unknown. */
export function wantedStores(
  listed: readonly FeedTokenStore[],
  { open, logger }: { open(sealed: string, context: SealContext): Buffer; readonly logger: Logger },
): readonly WantedStore[] {
  return listed.flatMap(
    ({ id, name, isDefault, defaultUntil, movesTo, isMoved, settings, passwordSealed }): WantedStore[] => {
      try {
        const password =
          passwordSealed === undefined
            ? {}
            : { password: open(passwordSealed, tokenStorePasswordContext(id)).toString() };
        const place =
          settings === undefined ? undefined : ({ ...JSON.parse(settings), ...password } as TokenStorePlace);
        return [{ name, place, isDefault, defaultUntil, movesTo, isMoved }];
      } catch (error) {
        if (!(error instanceof SealError)) throw error;
        logger.error({ err: error, store: name }, 'the password of the token store does not open here');
        return [];
      }
    },
  );
}
