import { resealSigningKeys } from './audit/signing-key.ts';
import type { ManagerContext } from './context.ts';
import { resealAuthority } from './gateways/authority.ts';
import { resealVariables } from './gateways/variables.ts';
import { isSealedAnew, writeKeyCheck } from './key-check.ts';
import { resealSecondFactors } from './people/second-factor.ts';
import { resealDirectoryCredentials } from './records/directory.ts';
import { resealClientSecrets } from './records/identity-provider.ts';
import { resealTokenStorePasswords } from './records/token-store.ts';
import { resealConsumerSecrets } from './registry/readable-secrets.ts';
import { resealTokenSigningKeys } from './signing-keys/keys.ts';
import { resealTokenKeys } from './token-tag-keys.ts';
import { resealTicketKey } from './try/ticket-key.ts';
import { type Actor, change, type Unit } from './unit-of-work.ts';

/** Seals everything with the current master key. Gives how many records changed. */
export async function sealAnew(unit: Unit, context: ManagerContext): Promise<number> {
  const box = context.masterKeys.secretBox();
  const records =
    (await resealTokenKeys(unit, box)) +
    (await resealAuthority(unit, box)) +
    (await resealVariables(unit, box)) +
    (await resealSigningKeys(unit.tx, box)) +
    (await resealTicketKey(unit, box)) +
    (await resealTokenSigningKeys(unit, box)) +
    (await resealSecondFactors(unit.tx, box)) +
    (await resealConsumerSecrets(unit, box)) +
    (await resealClientSecrets(unit.tx, box)) +
    (await resealDirectoryCredentials(unit.tx, box)) +
    (await resealTokenStorePasswords(unit, box));
  await writeKeyCheck(unit.tx, box);
  return records + 1;
}

/**
 * Finishes a rotation that was broken off between the key's file and the records, or that somebody began by putting a new key first in the
 * file. Left like that the next rotation would drop the key that the records still need.
 */
export async function finishRotation(context: ManagerContext, actor: Actor): Promise<void> {
  const box = context.masterKeys.secretBox();
  if (await isSealedAnew(context.db.read, box)) return;
  await change(context, actor, async (unit) => {
    await sealAnew(unit, context);
    unit.audit({
      objectKind: 'master-key',
      objectId: box.keyId,
      objectName: box.keyId,
      sentence: `The rotation to the master key ${box.keyId} was finished.`,
    });
  });
}
