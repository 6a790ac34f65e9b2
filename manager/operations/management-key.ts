import * as z from 'zod';
import { createManagementKey, managementKey } from '#core/model/management-key';
import { ProblemError } from '#core/problem';
import { closeSetup } from '../access/setup.ts';
import { wrongValue } from '../http/validation.ts';
import { listQuery, listRecords, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';
import {
  countActiveKeys,
  getManagementKeyRow,
  insertManagementKey,
  parseManagementKey,
} from '../records/management-key.ts';
import { checkNameFree, nameFor } from '../records/record.ts';
import type { ManagementKeyTable } from '../tables.ts';
import { change } from '../unit-of-work.ts';

/** Management keys: who may call this API. */
export const managementKeyOperations = [
  operation({
    id: 'managementKeys.list',
    method: 'GET',
    path: '/management-keys',
    permission: 'management-keys:read',
    summary: 'List the management keys, without their values.',
    query: listQuery({}),
    response: pageOf(managementKey),
    handler: async ({ context, query }) => {
      const now = context.clock.now();
      const page = await listRecords<ManagementKeyTable>(context.db.read, 'management_keys', query);
      return { body: { ...page, items: page.items.map((row) => parseManagementKey(row, now)) } };
    },
  }),
  operation({
    id: 'managementKeys.create',
    method: 'POST',
    path: '/management-keys',
    permission: 'management-keys:write',
    summary: 'Make a management key. Its value is in this answer only.',
    body: createManagementKey,
    response: z.strictObject({
      managementKey,
      key: z.string().describe('Shown this once; only its hash is kept.'),
    }),
    status: 201,
    handler: async ({ context, actor, body }) => {
      const name = nameFor(body.name, body.displayName);
      const made = await change(context, actor, async (unit) => {
        if (body.endsAt !== undefined && body.endsAt <= unit.now)
          throw wrongValue('/endsAt', 'too_small', 'The end must be in the future.');
        await checkNameFree(unit.tx, 'management_keys', 'management key', name);
        const wish = { ...body, name };
        const { row, value } = await insertManagementKey(unit.tx, wish, {
          actor: actor.name,
          now: unit.now,
          random: context.random,
        });
        await closeSetup(unit.tx);
        const shown = parseManagementKey(row, unit.now);
        unit.audit({
          objectKind: 'management-key',
          objectId: row.id,
          objectName: name,
          sentence: `Management key ${name} was made.`,
          after: shown,
        });
        return { managementKey: shown, key: value };
      });
      return { body: made, location: `/management-keys/${name}` };
    },
  }),
  operation({
    id: 'managementKeys.delete',
    method: 'DELETE',
    path: '/management-keys/:key',
    permission: 'management-keys:write',
    summary: 'Delete a management key: it ends at once. The last one can be deleted on the machine itself only.',
    params: pathParams('key'),
    handler: async ({ context, actor, params }) => {
      await change(context, actor, async (unit) => {
        const row = await getManagementKeyRow(unit.tx, params.key);
        const before = parseManagementKey(row, unit.now);
        if (before.active && actor.via === 'api' && (await countActiveKeys(unit.tx, unit.now)) === 1)
          throw new ProblemError(
            'state_conflict',
            'This is the last management key; nobody could call this API any more.',
          );
        await unit.tx.deleteFrom('management_keys').where('id', '=', row.id).execute();
        unit.audit({
          objectKind: 'management-key',
          objectId: row.id,
          objectName: row.name,
          sentence: `Management key ${row.name} was deleted.`,
          before,
        });
      });
      return { body: undefined };
    },
  }),
];
