import type { RevocationNote } from '#core/token-store';
import type { BaseContext } from '../context.ts';

type Stores = Pick<BaseContext, 'tokenStores'>;

/** How many consents of a resource owner are shown, and forgotten at a time. */
export const CONSENTS_SHOWN = 200;

/** Kills the grants of a resource owner in every token store, those to one client when it is given. Gives how many died. */
export function killGrants(
  { tokenStores }: Stores,
  whose: { readonly subject: string; readonly clientId?: string | undefined },
  note: RevocationNote,
): Promise<number> {
  return tokenStores.revokeGrantsOf(whose, note);
}

/** Kills every grant of somebody who is gone, and forgets what they allowed. */
export async function forgetEverything({ tokenStores }: Stores, subject: string, note: RevocationNote): Promise<void> {
  await killGrants({ tokenStores }, { subject }, note);
  for (let more = true; more; ) {
    const consents = await tokenStores.listConsents(subject, CONSENTS_SHOWN);
    for (const consent of consents) await tokenStores.revokeConsent(consent, note);
    more = consents.length === CONSENTS_SHOWN;
  }
}
