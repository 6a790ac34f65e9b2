import type { ReplicaTable } from './replica-table.ts';

// The feed gives only the newest state of an object. When a deployment does not compile, the workers go on with the one they have; a worker
// that starts then needs the older one too. So a deployment that changes is kept as `before:deployment` until the workers took the change.

const DEPLOYMENT = 'deployment';
/** The kind under which the state before a change is kept. Without payload: there was none. */
export const BEFORE = 'before:deployment';

/** Keeps a deployment as it is, because it is about to change. Only the first time: that is the state the workers have. */
export function keepBefore(table: ReplicaTable, id: string, seq: number): void {
  if (table.find(BEFORE, id) !== undefined) return;
  const old = table.find(DEPLOYMENT, id);
  table.put({ kind: BEFORE, id, seq: old?.seq ?? seq, serverGroupId: old?.serverGroupId, payload: old?.payload });
}

/** The same for a whole snapshot: what the old table has is kept in the new one where they differ. */
export function keepAllBefore(old: ReplicaTable, incoming: ReplicaTable, seq: number): void {
  const kept = new Set<string>();
  for (const row of old.list(BEFORE)) {
    kept.add(row.id);
    incoming.put(row);
  }
  const rows = new Map(old.list(DEPLOYMENT).map((row) => [row.id, row]));
  const fresh = new Map(incoming.list(DEPLOYMENT).map((row) => [row.id, row]));
  for (const id of new Set([...rows.keys(), ...fresh.keys()])) {
    const row = rows.get(id);
    if (kept.has(id) || row?.payload === fresh.get(id)?.payload) continue;
    incoming.put({ kind: BEFORE, id, seq: row?.seq ?? seq, serverGroupId: row?.serverGroupId, payload: row?.payload });
  }
}

/** The deployments whose change the workers did not take yet. */
export function pendingIds(table: ReplicaTable): Set<string> {
  return new Set(table.list(BEFORE).map(({ id }) => id));
}

/** Forgets what was before: the workers took the change. */
export function forgetBefore(table: ReplicaTable, ids: Iterable<string>): void {
  for (const id of ids) table.remove(BEFORE, id);
}
