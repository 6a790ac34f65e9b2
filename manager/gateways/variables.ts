import { type FeedGroupVariables, groupVariableContext } from '#core/change-feed';
import type { GroupVariable } from '#core/model/server-group';
import type { SecretBox } from '#core/secret-box';
import { type Selector, selectorText } from '#core/selector';
import type { Reader } from '../database.ts';
import type { Unit } from '../unit-of-work.ts';
import type { GroupVariableTable } from './tables.ts';

/** The variables and secrets of a server group, by name. */
export async function listVariables(reader: Reader, serverGroupId: string): Promise<GroupVariableTable[]> {
  return reader
    .selectFrom('group_variables')
    .selectAll()
    .where('server_group_id', '=', serverGroupId)
    .orderBy('name')
    .execute();
}

/** A variable as shown; a secret never shows its value. */
export function parseVariable(row: GroupVariableTable): GroupVariable {
  return {
    name: row.name,
    secret: row.secret === 1,
    ...(row.secret === 0 && { value: row.value }),
    selector: selectorText(selectorOf(row)),
    updatedAt: Number(row.updated_at),
    updatedBy: row.updated_by,
  };
}

/** What a selector has to say to mean this row. */
export function selectorOf({ name, secret }: Pick<GroupVariableTable, 'name' | 'secret'>): Selector {
  return { kind: secret === 1 ? 'secrets' : 'variables', name };
}

/** The values of a server group, opened, by their selectors. To check settings with; it leaves no process. */
export function valuesOf(rows: readonly GroupVariableTable[], box: SecretBox): ReadonlyMap<string, string> {
  return new Map(
    rows.map((row) => [
      selectorText(selectorOf(row)),
      row.secret === 1
        ? box.open(row.value, groupVariableContext(row.server_group_id, row.name)).toString('utf8')
        : row.value,
    ]),
  );
}

/** Puts a server group's variables into the change feed, for its gateways only: secrets as the master key sealed them (letters.ts). */
export async function publishVariables(unit: Unit, serverGroupId: string): Promise<void> {
  const rows = await listVariables(unit.tx, serverGroupId);
  const pick = (secret: number) =>
    Object.fromEntries(rows.filter((row) => row.secret === secret).map(({ name, value }) => [name, value]));
  const payload: FeedGroupVariables = { id: serverGroupId, variables: pick(0), secrets: pick(1) };
  unit.publish('group-variables', serverGroupId, rows.length === 0 ? undefined : payload, serverGroupId);
}

/** Seals secrets with the current master key, where they are not. Gives how many changed. */
export async function resealVariables(unit: Unit, box: SecretBox): Promise<number> {
  const rows = await unit.tx.selectFrom('group_variables').selectAll().where('secret', '=', 1).execute();
  const groups = new Set<string>();
  let changed = 0;
  for (const row of rows) {
    const value = box.reseal(row.value, groupVariableContext(row.server_group_id, row.name));
    if (value === row.value) continue;
    changed += 1;
    groups.add(row.server_group_id);
    await unit.tx
      .updateTable('group_variables')
      .set({ value })
      .where('server_group_id', '=', row.server_group_id)
      .where('name', '=', row.name)
      .execute();
  }
  for (const serverGroupId of groups) await publishVariables(unit, serverGroupId);
  return changed;
}
