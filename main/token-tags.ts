import type { FeedTokenKeys } from '#core/change-feed';
import type { TokenTagKeys } from '#core/credential';
import type { Logger } from '#core/logger';
import { SealError } from '#core/secret-box';
import { tokenKeyContext } from '#manager/token-tag-keys';
import type { MasterKeyFile } from './master-key.ts';

/**
 * Gives the keys that tag opaque tokens, opened once for each state of the feed. The master key's file is read again when a record was sealed
 * with a key that came since.
 */
export function openTokenTags(
  masterKey: MasterKeyFile,
  find: () => FeedTokenKeys | undefined,
  logger: Logger,
): () => TokenTagKeys | undefined {
  let known: FeedTokenKeys | undefined;
  let opened: TokenTagKeys | undefined;
  return () => {
    const sealed = find();
    if (sealed === known) return opened;
    known = sealed;
    opened = sealed === undefined ? undefined : open(sealed, masterKey, logger);
    return opened;
  };
}

function open(sealed: FeedTokenKeys, masterKey: MasterKeyFile, logger: Logger): TokenTagKeys | undefined {
  const openWith = (box: ReturnType<MasterKeyFile['box']>): TokenTagKeys => ({
    current: box.open(sealed.currentSealed, tokenKeyContext('current')),
    previous:
      sealed.previousSealed === undefined ? undefined : box.open(sealed.previousSealed, tokenKeyContext('previous')),
  });
  try {
    return openWith(masterKey.box());
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
  }
  try {
    return openWith(masterKey.reload());
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    logger.error({ err: error }, 'the token tag keys do not open with this master key; no token is issued');
    return undefined;
  }
}
