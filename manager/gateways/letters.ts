import {
  consumerKeyEntry,
  consumerSecretContext,
  type FeedEntry,
  feedGroupVariables,
  feedSigningKeys,
  feedTokenKeys,
  feedTokenStore,
  groupVariableContext,
  signingKeyContext,
  tokenStorePasswordContext,
} from '#core/change-feed';
import { sealLetter } from '#core/sealed-letter';
import type { SealContext } from '#core/secret-box';
import type { BaseContext } from '../context.ts';
import { tokenKeyContext } from '../token-tag-keys.ts';

/** Changes an entry of the feed on its way to one gateway; undefined: it is not for it. */
export type Rewrite = (entry: FeedEntry) => FeedEntry | undefined;

/**
 * What the master key seals is opened and sealed anew for the gateway that reads, so that only this gateway can open it: neither another
 * one, nor who reads its replica without its key (decision 33). A gateway that told no key gets what needs none.
 * @param publicKey the gateway's, sealed-letter.ts
 */
export function lettersFor(
  context: Pick<BaseContext, 'masterKeys' | 'random'>,
  publicKey: string | undefined,
): Rewrite {
  const { random } = context;
  if (publicKey === undefined) return (entry) => (entry.kind === 'group-variables' ? undefined : entry);
  const anew = (sealed: string, place: SealContext): string => {
    const plain = context.masterKeys.secretBox().open(sealed, place);
    try {
      return sealLetter(plain, { publicKey, context: place, random });
    } finally {
      plain.fill(0);
    }
  };
  return (entry) => {
    if (entry.payload === undefined) return entry;
    if (entry.kind === 'token-keys') {
      const { previousSealed, ...keys } = feedTokenKeys.parse(entry.payload);
      const payload = {
        ...keys,
        currentSealed: anew(keys.currentSealed, tokenKeyContext('current')),
        ...(previousSealed !== undefined && { previousSealed: anew(previousSealed, tokenKeyContext('previous')) }),
      };
      return { ...entry, payload };
    }
    if (entry.kind === 'consumer-key') {
      const { secrets, ...rest } = consumerKeyEntry.parse(entry.payload);
      if (secrets.every(({ sealed }) => sealed === undefined)) return entry;
      const letters = secrets.map(({ sealed, ...secret }) =>
        sealed === undefined ? secret : { ...secret, sealed: anew(sealed, consumerSecretContext(secret.id)) },
      );
      return { ...entry, payload: { ...rest, secrets: letters } };
    }
    if (entry.kind === 'signing-keys') {
      const { keys, ...rest } = feedSigningKeys.parse(entry.payload);
      const letters = keys.map(({ privateSealed, ...key }) =>
        privateSealed === undefined ? key : { ...key, privateSealed: anew(privateSealed, signingKeyContext(key.kid)) },
      );
      return { ...entry, payload: { ...rest, keys: letters } };
    }
    if (entry.kind === 'token-store') {
      const { passwordSealed, ...store } = feedTokenStore.parse(entry.payload);
      if (passwordSealed === undefined) return entry;
      const letter = anew(passwordSealed, tokenStorePasswordContext(store.id));
      return { ...entry, payload: { ...store, passwordSealed: letter } };
    }
    if (entry.kind === 'group-variables') {
      const { secrets, ...rest } = feedGroupVariables.parse(entry.payload);
      const letters = Object.entries(secrets).map(([name, sealed]) => [
        name,
        anew(sealed, groupVariableContext(rest.id, name)),
      ]);
      return { ...entry, payload: { ...rest, secrets: Object.fromEntries(letters) } };
    }
    return entry;
  };
}
