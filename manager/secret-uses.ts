import type { ManagerDatabase } from './database.ts';
import type { ReportHead } from './exchanges/report.ts';

interface Use {
  readonly at: number;
  readonly address: string;
  readonly gateway: string;
}

/** When secrets were used last, as gateways tell (decision 31). Collected in memory and written in batches: it is told often. */
export interface SecretUses {
  take(head: ReportHead): void;
  /** Writes what was collected since the last call. */
  save(): Promise<void>;
}

/** Collects uses for the table of secrets. */
export function collectSecretUses(db: ManagerDatabase): SecretUses {
  let newest = new Map<string, Use>();
  return {
    take({ name, secretsUsed }) {
      for (const { secretId, at, address } of secretsUsed)
        if (at > (newest.get(secretId)?.at ?? 0)) newest.set(secretId, { at, address, gateway: name });
    },
    async save() {
      if (newest.size === 0) return;
      const uses = newest;
      newest = new Map();
      await db.write.transaction().execute(async (tx) => {
        for (const [id, { at, address, gateway }] of uses)
          await tx
            .updateTable('secrets')
            .set({ last_used_at: at, last_used_address: address, last_used_gateway: gateway })
            .where('id', '=', id)
            .where((is) => is.or([is('last_used_at', 'is', null), is('last_used_at', '<', at)]))
            .execute();
      });
    },
  };
}
