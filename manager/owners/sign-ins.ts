import type { ManagerDatabase } from '../database.ts';

const KEPT = 10_000;

/** When resource owners signed in last: collected in memory and written in batches, since nothing depends on it. */
export interface OwnerSignIns {
  note(subject: string, at: number): void;
  /** Writes what was collected since the last call. */
  save(): Promise<void>;
}

/** Bounded: what is too much at once is not written. */
export function collectOwnerSignIns(db: ManagerDatabase): OwnerSignIns {
  let newest = new Map<string, number>();
  return {
    note(subject, at) {
      if (newest.size < KEPT || newest.has(subject)) newest.set(subject, at);
    },
    async save() {
      if (newest.size === 0) return;
      const noted = newest;
      newest = new Map();
      await db.write.transaction().execute(async (tx) => {
        for (const [id, at] of noted)
          await tx.updateTable('resource_owners').set({ last_signed_in_at: at }).where('id', '=', id).execute();
      });
    },
  };
}
