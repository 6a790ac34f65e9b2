import { defaultSettings, type Settings, settings } from '#core/model/settings';
import type { Reader, Tx } from '../database.ts';
import { readSetting, writeSetting } from '../setting.ts';

const SETTING = 'settings';

/** What holds for everybody; what was never set has its default. */
export async function readSettings(reader: Reader): Promise<Settings> {
  const value = await readSetting(reader, SETTING);
  return value === undefined ? defaultSettings : settings.parse({ ...defaultSettings, ...JSON.parse(value) });
}

/** Writes what somebody changed. */
export async function writeSettings(tx: Tx, value: Settings): Promise<void> {
  await writeSetting(tx, SETTING, JSON.stringify(value));
}
