import type { Reader, Tx } from './database.ts';

/** A single value that the manager keeps, or undefined. */
export async function readSetting(reader: Reader, name: string): Promise<string | undefined> {
  const row = await reader.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value;
}

/** Sets a single value; undefined removes it. */
export async function writeSetting(tx: Tx, name: string, value: string | undefined): Promise<void> {
  await tx.deleteFrom('settings').where('name', '=', name).execute();
  if (value !== undefined) await tx.insertInto('settings').values({ name, value }).execute();
}
