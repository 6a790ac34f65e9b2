import type { Logger } from '#core/logger';
import type { ManagerDatabase } from '../database.ts';

const FLUSH_EVERY_MS = 20_000;

/** Notes when management keys and sessions were used and writes it down a few times a minute, not with every call. */
export interface LastUsed extends AsyncDisposable {
  noteKey(keyId: string, at: number): void;
  noteSession(sessionId: string, at: number): void;
  /** When a session was used last, where that is not written down yet. */
  sessionSeenAt(sessionId: string): number | undefined;
}

/** Starts writing every 20 s; closing writes what is left. */
export function createLastUsed(db: ManagerDatabase, logger: Logger): LastUsed {
  const keys = new Map<string, number>();
  const sessions = new Map<string, number>();
  const flush = async (): Promise<void> => {
    for (const [id, at] of take(keys))
      await db.write.updateTable('management_keys').set({ last_used_at: at }).where('id', '=', id).execute();
    for (const [id, at] of take(sessions))
      await db.write.updateTable('sessions').set({ last_seen_at: at }).where('id', '=', id).execute();
  };
  const timer = setInterval(() => {
    flush().catch((error: unknown) => logger.warn({ error }, 'Last use of keys and sessions could not be written'));
  }, FLUSH_EVERY_MS).unref();
  return {
    noteKey: (keyId, at) => void keys.set(keyId, at),
    noteSession: (sessionId, at) => void sessions.set(sessionId, at),
    sessionSeenAt: (sessionId) => sessions.get(sessionId),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await flush();
    },
  };
}

function take(uses: Map<string, number>): [string, number][] {
  const taken = [...uses];
  uses.clear();
  return taken;
}
