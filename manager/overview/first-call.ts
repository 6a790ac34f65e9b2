import { PROXIED_KINDS } from '#core/model/project-kind';
import type { ManagerDatabase } from '../database.ts';
import type { ExchangeLog } from '../exchanges/exchange-log.ts';

const LOOKED_AT = 100;

/** Whether a client ever called a protected API with success, as far as the exchange records tell. */
export interface FirstCall {
  /** False also when the records cannot be asked. Once true, it stays so until the manager ends, without asking again. */
  wasMade(): Promise<boolean>;
}

/** Looks at the newest successes; a client is known only where a policy asked who calls, and a token request is no call. */
export function watchFirstCall(db: ManagerDatabase, exchanges: Pick<ExchangeLog, 'list'>): FirstCall {
  let made = false;
  return {
    async wasMade() {
      if (made) return true;
      const page = await exchanges.list({ status: '2xx' }, { limit: LOOKED_AT }).catch(() => undefined);
      const names = (page?.items ?? []).flatMap(({ clientId, project }) =>
        clientId === undefined || project === undefined ? [] : [project],
      );
      if (names.length === 0) return false;
      const called = await db.read
        .selectFrom('projects')
        .select('id')
        .where('name', 'in', [...new Set(names)])
        .where('kind', 'in', PROXIED_KINDS)
        .limit(1)
        .execute();
      made = called.length > 0;
      return made;
    },
  };
}
