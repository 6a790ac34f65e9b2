import { ConfigurationError } from '#core/errors';
import { type SealContext, SealError, type SecretBox } from '#core/secret-box';
import type { Reader, Tx } from './database.ts';
import { readSetting, writeSetting } from './setting.ts';

const SETTING = 'key-check';
const CONTEXT: SealContext = { table: 'settings', row: SETTING, column: 'value' };
const TEXT = Buffer.from('gatewright');

/**
 * Checks that the master key is the one that these data were sealed with.
 * @returns false when the data have no check yet
 * @throws ConfigurationError when it is another key: starting would make data that cannot be read together
 */
export async function checkMasterKey(reader: Reader, box: SecretBox): Promise<boolean> {
  const sealed = await readSetting(reader, SETTING);
  if (sealed === undefined) return false;
  try {
    if (box.open(sealed, CONTEXT).equals(TEXT)) return true;
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
  }
  throw new ConfigurationError(
    'The master key is not the one that this data directory was sealed with. Give the right one (GATEWRIGHT_MASTER_KEY_FILE, or master.key in the data directory), or restore it from where you keep it.',
  );
}

/** True when the current master key sealed the check record, which is sealed together with everything else. */
export async function isSealedAnew(reader: Reader, box: SecretBox): Promise<boolean> {
  const sealed = await readSetting(reader, SETTING);
  return sealed === undefined || box.reseal(sealed, CONTEXT) === sealed;
}

/** Writes the check record anew with the current master key. */
export async function writeKeyCheck(tx: Tx, box: SecretBox): Promise<void> {
  await writeSetting(tx, SETTING, box.seal(TEXT, CONTEXT));
}
