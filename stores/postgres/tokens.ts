import type { TokenStore } from '#core/token-store';
import { minuteOf } from '../token-state.ts';
import type { PostgresConnection } from './connection.ts';
import { APPEND } from './feed.ts';

const REVOKE = {
  name: 'revoke-token',
  text: `with revoked as (
      update token set revoked_at = $1, revoked_by = $2, revoked_reason = $3
      where hash = decode($4, 'hex') and revoked_at is null returning hash
    ), ${APPEND(`select 'token' as kind, hash, null::text as id from revoked`)}
    select 1 from token where hash = decode($4, 'hex')`,
};
const COUNT_LIVE = {
  name: 'count-live',
  text: 'select coalesce(sum(n), 0) from live_count where client_id = $1 and minute >= $2',
};

/** Makes what concerns single access tokens, beside saving and finding them. */
export function createTokenActions(connection: PostgresConnection): Pick<TokenStore, 'revokeAccess' | 'countLive'> {
  return {
    async revokeAccess(hash, { at, by, reason }) {
      const found = await connection.run(REVOKE, [at, by, reason, hash], true);
      return found.length > 0; // when it was revoked before the first note stays
    },
    async countLive(clientId, now) {
      const [row] = await connection.run(COUNT_LIVE, [clientId, minuteOf(now)], true);
      return Number(row?.[0]);
    },
  };
}
