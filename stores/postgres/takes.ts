import type { Rotation } from '#core/token-store';
import { givenTokens, savedTokens, TOKEN_PARAMETERS, tokenValues } from './batch.ts';
import type { PostgresConnection } from './connection.ts';
import { COUNT, shardOf } from './counts.ts';
import type { Holders } from './holders.ts';
import { createLanes, type Lanes } from './lanes.ts';
import { PROLONG } from './save.ts';

const MAX_WAITING = 20_000;
const GROUP_SIZE = 500;
const [SHARD, GIVEN] = [`$${TOKEN_PARAMETERS + 1}`, `$${TOKEN_PARAMETERS + 2}`];

// What is taken already, or whose grant is dead, is left alone. Rows are locked in the order of their hashes, so that two groups never wait for
// each other. Of two that take the same in one group the engine picks one.
const TAKE_CODES = {
  name: 'take-codes',
  text: `with free as (
      select c.hash, a."by" from json_to_recordset($1::json) as a (hash text, "by" text)
      join code c on c.hash = decode(a.hash, 'hex') join access_grant g on g.id = c.grant_id
      where c.consumed_by is null and g.revoked_at is null order by c.hash for update of c
    )
    update code set consumed_by = free."by" from free where code.hash = free.hash
    returning encode(code.hash, 'hex'), code.consumed_by`,
};
const ROTATE = {
  name: 'rotate',
  text: `with free as (
      select r.hash, a.* from json_to_recordset(${GIVEN}::json) as a (old text, at int8, "by" text, access text, next text,
        issued_at int8, expires_at int8, ends_at int8)
      join refresh r on r.hash = decode(a.old, 'hex') join access_grant g on g.id = r.grant_id
      where r.used_at is null and g.revoked_at is null order by r.hash for update of r
    ), used as (
      update refresh r set used_at = free.at, used_by = free."by" from free where r.hash = free.hash
      returning r.grant_id, free.old, free."by", free.access, free.next, free.issued_at, free.expires_at, free.ends_at
    ), ${givenTokens(1)}, ${savedTokens('exists (select 1 from used where used.access = given.hash)', SHARD)},
    successor as (
      insert into refresh (hash, grant_id, issued_at, expires_at)
      select decode(next, 'hex'), grant_id, issued_at, expires_at from used order by next collate "C"
      on conflict (hash) do nothing returning 1
    ),
    ${PROLONG('(select grant_id, max(ends_at) from used group by 1) as p (id, ends_at)')},
    counted as (
      ${COUNT(SHARD, { access: 'select count(*) from saved', refresh: 'select count(*) from successor' })}
    )
    select old, "by" from used`,
};

/** Steps of one winner: true when this attempt took it now, false when it was taken already, or its grant is dead. */
export interface Takes {
  readonly codes: Lanes<{ readonly hash: string; readonly by: string }, boolean>;
  /** Saves what the rotation hands out, too. */
  readonly rotations: Lanes<Rotation, boolean>;
}

/** What takes are made with. */
export interface TakesParts {
  readonly connection: PostgresConnection;
  readonly holders: Holders;
  readonly shard: number;
}

/** Makes them: many at once go as one statement, in one commit. Each knows its own attempt again, so that the statement may be repeated. */
export function createTakes({ connection, holders, shard }: TakesParts): Takes {
  const options = { lanes: 2, groupSize: GROUP_SIZE, maxWaiting: MAX_WAITING };
  return {
    codes: createLanes({
      ...options,
      async carryOut(asked) {
        const taken = keysOf(await connection.run(TAKE_CODES, [JSON.stringify(asked)], true));
        return asked.map(({ hash, by }) => taken.has(`${hash} ${by}`));
      },
    }),
    rotations: createLanes({
      ...options,
      async carryOut(asked, lane) {
        const tokens = asked.map(({ access }) => access);
        const values = [...tokenValues(tokens, await holders.numbersOf(tokens)), shardOf(shard + lane)];
        const used = keysOf(await connection.run(ROTATE, [...values, JSON.stringify(asked.map(rotationRow))], true));
        return asked.map(({ hash, attemptId }) => used.has(`${hash} ${attemptId}`));
      },
    }),
  };
}

function keysOf(rows: readonly (readonly unknown[])[]): ReadonlySet<string> {
  return new Set(rows.map(([hash, by]) => `${hash} ${by}`));
}

function rotationRow({ hash, attemptId, now, access, successor }: Rotation): object {
  return {
    ...{ old: hash, at: now, by: attemptId, access: access.hash },
    ...{ next: successor.hash, issued_at: successor.issuedAt, expires_at: successor.expiresAt },
    ends_at: Math.max(access.expiresAt, successor.expiresAt),
  };
}
