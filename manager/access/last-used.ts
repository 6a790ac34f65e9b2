import type { Logger } from '#core/logger';
import type { ManagerDatabase } from '../database.ts';

const FLUSH_EVERY_MS = 20_000;

/** Notes when management keys were used and writes it down a few times a minute, not with every call. */
export interface LastUsed extends AsyncDisposable {
  note(keyId: string, at: number): void;
}

/** Starts writing every 20 s; closing writes what is left. */
export function createLastUsed(db: ManagerDatabase, logger: Logger): LastUsed {
  const noted = new Map<string, number>();
  const flush = async (): Promise<void> => {
    const uses = [...noted];
    noted.clear();
    for (const [id, at] of uses)
      await db.write.updateTable('management_keys').set({ last_used_at: at }).where('id', '=', id).execute();
  };
  const timer = setInterval(() => {
    flush().catch((error: unknown) => logger.warn({ error }, 'Last use of management keys could not be written'));
  }, FLUSH_EVERY_MS).unref();
  return {
    note: (keyId, at) => void noted.set(keyId, at),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await flush();
    },
  };
}
