import { CONFIGURATION_KINDS, type ConfigurationKind, isConfigurationKind, type ReplicaRow } from './replica-row.ts';
import type { ReplicaTable } from './replica-table.ts';

// The feed gives only the newest state of an object. When it does not compile, the workers go on with what they have; a worker that starts
// then needs the older state too. So a row of the configuration that changes is kept as `before:<kind>` until the workers took the change.

/** The kind under which the state before a change is kept. */
export const beforeKind = (kind: ConfigurationKind): string => `before:${kind}`;

/** Keeps a row as it is, because it is about to change. Only the first time: that is the state the workers have. */
export function keepBefore(table: ReplicaTable, kind: string, id: string, seq: number): void {
  if (!isConfigurationKind(kind) || table.find(beforeKind(kind), id) !== undefined) return;
  const old = table.find(kind, id);
  table.put({
    kind: beforeKind(kind),
    id,
    seq: old?.seq ?? seq,
    serverGroupId: old?.serverGroupId,
    payload: old?.payload,
  });
}

/** The same for a whole snapshot: what the old table has is kept in the new one where they differ. */
export function keepAllBefore(old: ReplicaTable, incoming: ReplicaTable, seq: number): void {
  for (const kind of CONFIGURATION_KINDS) {
    const kept = new Set<string>();
    for (const row of old.list(beforeKind(kind))) {
      kept.add(row.id);
      incoming.put(row);
    }
    const rows = new Map(old.list(kind).map((row) => [row.id, row]));
    const fresh = new Map(incoming.list(kind).map((row) => [row.id, row]));
    for (const id of new Set([...rows.keys(), ...fresh.keys()])) {
      const row = rows.get(id);
      if (kept.has(id) || row?.payload === fresh.get(id)?.payload) continue;
      incoming.put({
        kind: beforeKind(kind),
        id,
        seq: row?.seq ?? seq,
        serverGroupId: undefined,
        payload: row?.payload,
      });
    }
  }
}

/** True when the workers have not taken the newest configuration yet. */
export function hasBefore(table: ReplicaTable): boolean {
  return CONFIGURATION_KINDS.some((kind) => table.list(beforeKind(kind)).length > 0);
}

/** Forgets what was before: the workers took the change. */
export function forgetBefore(table: ReplicaTable): void {
  for (const kind of CONFIGURATION_KINDS) {
    for (const row of table.list(beforeKind(kind))) table.remove(row.kind, row.id);
  }
}

/** The rows of a kind as they were when the workers last took the whole configuration. */
export function rowsBefore(rows: readonly ReplicaRow[], before: readonly ReplicaRow[]): ReplicaRow[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const row of before) {
    if (row.payload === undefined) byId.delete(row.id);
    else byId.set(row.id, row);
  }
  return [...byId.values()];
}
