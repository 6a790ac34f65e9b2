import { sql } from 'kysely';
import * as z from 'zod';
import { createManagementKey, managementKey } from '#core/model/management-key';
import { ROLE_TITLES } from '#core/model/role';
import { ProblemError } from '#core/problem';
import { grantsBeyond } from '../access/key-grants.ts';
import { demand, mayDo, type Principal } from '../access/principal.ts';
import type { Reader } from '../database.ts';
import { validationFailed, wrongValue } from '../http/validation.ts';
import { listQuery, listRecords, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';
import { checkRoles } from '../people/check-roles.ts';
import {
  getManagementKeyRow,
  hasOtherAdminKey,
  insertManagementKey,
  ownersOf,
  parseManagementKey,
} from '../records/management-key.ts';
import { checkNameFree, nameFor, notFound } from '../records/record.ts';
import { countAdmins } from '../records/user.ts';
import type { ManagementKeyTable } from '../tables.ts';
import { change } from '../unit-of-work.ts';

const KEYS_OF_PERSON = 50;

/** Management keys: for programs and the command line. Personal ones are their person's; machine keys are the administrators'. */
export const managementKeyOperations = [
  operation({
    id: 'managementKeys.list',
    method: 'GET',
    path: '/management-keys',
    permission: 'own:read',
    summary: 'List the management keys, without their values: your own, for administrators all.',
    query: listQuery({}),
    response: pageOf(managementKey),
    handler: async ({ context, query, principal }) => {
      const { read } = context.db;
      const seesAll = principal !== undefined && mayDo(principal, 'management-keys:read');
      const conditions = seesAll ? [] : [sql`owner_id = ${principal?.userId ?? ''}`];
      const page = await listRecords<ManagementKeyTable>(read, 'management_keys', query, conditions);
      const owners = await ownersOf(read, page.items);
      const now = context.clock.now();
      const items = page.items.map((row) => parseManagementKey(row, now, owners.get(row.owner_id ?? '')));
      return { body: { ...page, items } };
    },
  }),
  operation({
    id: 'managementKeys.create',
    method: 'POST',
    path: '/management-keys',
    permission: 'own:write',
    summary:
      'Make a management key: a personal one, or as an administrator a machine key. Its value is in this answer only.',
    body: createManagementKey,
    response: z.strictObject({
      managementKey,
      key: z.string().describe('Shown this once; only its hash is kept.'),
    }),
    status: 201,
    handler: async ({ context, actor, body, principal }) => {
      const name = nameFor(body.name, body.displayName);
      const ownerId = ownerOf(body, principal);
      const made = await change(context, actor, async (unit) => {
        if (body.endsAt !== undefined && body.endsAt <= unit.now)
          throw wrongValue('/endsAt', 'too_small', 'The end must be in the future.');
        await checkRoles(unit, body.roles);
        await checkNameFree(unit.tx, 'management_keys', 'management key', name);
        if (ownerId !== undefined) await checkCount(unit.tx, ownerId);
        const by = { actor: actor.name, now: unit.now, random: context.random };
        const { row, value } = await insertManagementKey(unit.tx, { ...body, name, ownerId }, by);
        const shown = parseManagementKey(row, unit.now, ownerId === undefined ? undefined : actor.name);
        const what = ownerId === undefined ? 'Management key' : 'Personal key';
        unit.audit({ ...objectOf(row), sentence: `${what} ${name} was made.`, after: shown });
        return { managementKey: shown, key: value };
      });
      return { body: made, location: `/management-keys/${name}` };
    },
  }),
  operation({
    id: 'managementKeys.delete',
    method: 'DELETE',
    path: '/management-keys/:key',
    permission: 'own:write',
    summary: 'Delete a management key of yours, as an administrator any: it ends at once.',
    params: pathParams('key'),
    handler: async ({ context, actor, params, principal }) => {
      await change(context, actor, async (unit) => {
        const row = await getManagementKeyRow(unit.tx, params.key);
        const isOwn = row.owner_id !== null && row.owner_id === principal?.userId;
        if (!isOwn && (principal === undefined || !mayDo(principal, 'management-keys:write')))
          throw notFound('management key', params.key);
        const owners = await ownersOf(unit.tx, [row]);
        const before = parseManagementKey(row, unit.now, owners.get(row.owner_id ?? ''));
        const isWayIn =
          before.active && before.owner === undefined && before.roles.some(({ role }) => role === 'admin');
        if (isWayIn && actor.via !== 'socket' && !(await hasOtherWayIn(unit.tx, row.id, unit.now)))
          throw new ProblemError(
            'state_conflict',
            'This is the last management key and there is no administrator; nobody could call this API any more.',
          );
        await unit.tx.deleteFrom('management_keys').where('id', '=', row.id).execute();
        unit.audit({ ...objectOf(row), sentence: `Management key ${row.name} was deleted.`, before });
      });
      return { body: undefined };
    },
  }),
];

/** Id of the person whose a new key becomes; undefined: a machine's. @throws ProblemError when they may not make it */
function ownerOf(wish: z.output<typeof createManagementKey>, principal: Principal | undefined): string | undefined {
  const userId = principal?.userId;
  const owner = wish.owner ?? (userId === undefined ? 'machine' : 'self');
  if (principal === undefined) throw new ProblemError('unauthenticated', 'Sign in.');
  if (owner === 'machine') {
    demand(principal, 'management-keys:write');
    return undefined;
  }
  if (userId === undefined) throw wrongValue('/owner', 'not_allowed', 'Only people have personal keys: owner machine.');
  const beyond = grantsBeyond(wish.roles, principal.grants);
  if (beyond.length === 0) return userId;
  throw validationFailed(
    beyond.map((grant) => ({
      pointer: `/roles/${wish.roles.indexOf(grant)}`,
      code: 'not_yours',
      message: `You do not have the role ${ROLE_TITLES[grant.role]}${grant.serverGroup === undefined ? '' : ` on ${grant.serverGroup}`} yourself.`,
    })),
  );
}

async function checkCount(tx: Reader, ownerId: string): Promise<void> {
  const keys = await tx
    .selectFrom('management_keys')
    .select('id')
    .where('owner_id', '=', ownerId)
    .limit(KEYS_OF_PERSON)
    .execute();
  if (keys.length < KEYS_OF_PERSON) return;
  throw new ProblemError('limit_reached', `You have ${KEYS_OF_PERSON} keys. Delete those that are not used any more.`);
}

async function hasOtherWayIn(tx: Reader, keyId: string, now: number): Promise<boolean> {
  return (await hasOtherAdminKey(tx, keyId, now)) || (await countAdmins(tx)) > 0;
}

function objectOf(row: ManagementKeyTable) {
  return { objectKind: 'management-key', objectId: row.id, objectName: row.name };
}
