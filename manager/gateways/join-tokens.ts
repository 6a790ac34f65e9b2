import { newJoinSecret, sha256Hex } from '#core/credential';
import { newId } from '#core/id';
import type { JoinToken } from '#core/model/server-group';
import { ProblemError } from '#core/problem';
import type { Random } from '#core/random';
import type { Reader } from '../database.ts';
import type { Unit } from '../unit-of-work.ts';
import type { JoinTokenTable } from './tables.ts';

/** How long a token can be used. */
const LIFE_MS = 3_600_000;
/** Used and ended ones stay in sight for so long. */
const KEPT_MS = 7 * 86_400_000;
const OPEN_PER_GROUP = 50;

/** Whose token it is. */
export interface TokenPlace {
  readonly serverGroupId: string;
  readonly random: Random;
}

/**
 * Makes a token with which one gateway may join within an hour. Its text is `gwj_<secret>.<SHA-256 of the authority's certificate>`: with the
 * second half the gateway knows its manager before it says anything.
 * @throws ProblemError `limit_reached` when there are too many open ones
 */
export async function createJoinToken(
  unit: Unit,
  { serverGroupId, random }: TokenPlace,
  fingerprint: string,
): Promise<{ readonly row: JoinTokenTable; readonly token: string }> {
  await unit.tx
    .deleteFrom('join_tokens')
    .where('ends_at', '<', unit.now - KEPT_MS)
    .execute();
  const open = await unit.tx
    .selectFrom('join_tokens')
    .select(({ fn }) => fn.countAll().as('n'))
    .where('server_group_id', '=', serverGroupId)
    .where('used_at', 'is', null)
    .where('ends_at', '>', unit.now)
    .executeTakeFirst();
  if (Number(open?.n ?? 0) >= OPEN_PER_GROUP)
    throw new ProblemError('limit_reached', `The server group has ${OPEN_PER_GROUP} unused join tokens. Delete some.`);
  const secret = newJoinSecret(random);
  const row: JoinTokenTable = {
    id: newId('jtk', random),
    server_group_id: serverGroupId,
    hash: sha256Hex(secret),
    created_at: unit.now,
    created_by: unit.actor.name,
    ends_at: unit.now + LIFE_MS,
    used_at: null,
    gateway_id: null,
  };
  await unit.tx.insertInto('join_tokens').values(row).execute();
  return { row, token: `${secret}.${fingerprint}` };
}

/**
 * Uses a token: it is nobody else's from here on, however many come with it at once.
 * @param secret the part of the token before the dot
 * @throws ProblemError `join_token_wrong` saying whether it is unknown, used or ended
 */
export async function useJoinToken(unit: Unit, secret: string, gatewayId: string): Promise<JoinTokenTable> {
  const hash = sha256Hex(secret);
  const used = await unit.tx
    .updateTable('join_tokens')
    .set({ used_at: unit.now, gateway_id: gatewayId })
    .where('hash', '=', hash)
    .where('used_at', 'is', null)
    .where('ends_at', '>', unit.now)
    .returningAll()
    .executeTakeFirst();
  if (used !== undefined) return used;
  const row = await unit.tx.selectFrom('join_tokens').selectAll().where('hash', '=', hash).executeTakeFirst();
  if (row === undefined) throw wrong('The join token is not known: it was deleted, or belongs to another manager.');
  if (row.used_at !== null) throw wrong('The join token was used already. Each lets one gateway in.');
  throw wrong('The join token has ended. It is valid for one hour.');
}

/** The tokens of a server group, newest first. */
export async function listJoinTokens(reader: Reader, serverGroupId: string): Promise<JoinTokenTable[]> {
  return reader
    .selectFrom('join_tokens')
    .selectAll()
    .where('server_group_id', '=', serverGroupId)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
}

/** A token as shown: never its text. */
export function parseJoinToken(row: JoinTokenTable, serverGroup: string, now: number): JoinToken {
  const endsAt = Number(row.ends_at);
  return {
    id: row.id,
    serverGroup,
    createdAt: Number(row.created_at),
    createdBy: row.created_by,
    endsAt,
    state: row.used_at !== null ? 'used' : endsAt <= now ? 'ended' : 'open',
    ...(row.used_at !== null && { usedAt: Number(row.used_at) }),
    ...(row.gateway_id !== null && { gatewayId: row.gateway_id }),
  };
}

function wrong(message: string): ProblemError {
  return new ProblemError('join_token_wrong', message, {
    fixes: [{ text: 'Make a new one.', command: 'gatewright group join-token <group>' }],
  });
}
