import type { FeedTokenKeys } from '#core/change-feed';
import type { TokenTagKeys } from '#core/credential';
import type { Logger } from '#core/logger';
import { isLetter } from '#core/sealed-letter';
import { type SealContext, SealError } from '#core/secret-box';
import { tokenKeyContext } from '#manager/token-tag-keys';
import type { MasterKeyFile } from './master-key.ts';

/** What opens sealed keys. */
export interface TagKeyOpeners {
  /** Opens what the manager sealed to this gateway. */
  openLetter(letter: string, context: SealContext): Buffer;
  /** For a replica of a version that sealed with the master key; undefined on a gateway that joined, which has none. */
  readonly masterKey: MasterKeyFile | undefined;
}

/**
 * Gives the keys that tag opaque tokens, opened once for each state of the feed. The master key's file is read again when a record was sealed
 * with a key that came since.
 */
export function openTokenTags(
  openers: TagKeyOpeners,
  find: () => FeedTokenKeys | undefined,
  logger: Logger,
): () => TokenTagKeys | undefined {
  let known: FeedTokenKeys | undefined;
  let opened: TokenTagKeys | undefined;
  return () => {
    const sealed = find();
    if (sealed === known) return opened;
    known = sealed;
    opened = sealed === undefined ? undefined : open(sealed, openers, logger);
    return opened;
  };
}

function open(sealed: FeedTokenKeys, openers: TagKeyOpeners, logger: Logger): TokenTagKeys | undefined {
  try {
    return {
      current: openSealed(sealed.currentSealed, tokenKeyContext('current'), openers),
      previous:
        sealed.previousSealed === undefined
          ? undefined
          : openSealed(sealed.previousSealed, tokenKeyContext('previous'), openers),
    };
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    logger.error({ err: error }, 'the token tag keys do not open here; no token is issued');
    return undefined;
  }
}

/**
 * Opens one record that the manager sealed to this gateway.
 * @throws SealError
 */
export function openSealed(sealed: string, context: SealContext, { openLetter, masterKey }: TagKeyOpeners): Buffer {
  if (isLetter(sealed)) return openLetter(sealed, context);
  if (masterKey === undefined) throw new SealError('The record is sealed with a master key, and here is none.');
  try {
    return masterKey.box().open(sealed, context);
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    return masterKey.reload().open(sealed, context);
  }
}
