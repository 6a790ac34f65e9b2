import * as z from 'zod';
import { retireSigningKey, rotateSigningKeys, type SigningKeyView, signingKey } from '#core/model/signing-key';
import type { Reader } from '../database.ts';
import { operation, pathParams } from '../operation.ts';
import { notFound } from '../records/record.ts';
import { listSigningKeyRows } from '../signing-keys/keys.ts';
import { retireSigningKeyNow, rotateSigningKeysNow, rotationMsOf } from '../signing-keys/rotate.ts';
import { viewSigningKey } from '../signing-keys/schedule.ts';

const list = z.strictObject({ items: z.array(signingKey), total: z.int() });

/** The keys that sign JWT access tokens. Their private halves are never shown. */
export const signingKeyOperations = [
  operation({
    id: 'signingKeys.list',
    method: 'GET',
    path: '/signing-keys',
    permission: 'signing-keys:read',
    summary: 'List the keys that sign JWT access tokens: next, current and retired ones.',
    response: list,
    handler: async ({ context }) => ({ body: await viewAll(context.db.read) }),
  }),
  operation({
    id: 'signingKeys.rotate',
    method: 'POST',
    path: '/signing-keys/rotate',
    permission: 'signing-keys:write',
    summary: 'Begin a rotation: the next keys sign once they were published for a day; with `force` at once.',
    body: rotateSigningKeys,
    response: list,
    handler: async ({ context, actor, body }) => {
      await rotateSigningKeysNow(context, actor, body);
      return { body: await viewAll(context.db.read) };
    },
  }),
  operation({
    id: 'signingKeys.retire',
    method: 'POST',
    path: '/signing-keys/:key/retire',
    permission: 'signing-keys:write',
    summary: 'Take a key out of use; its successor signs at once. With `force` what it signed is refused from now on.',
    params: pathParams('key'),
    body: retireSigningKey,
    response: list,
    handler: async ({ context, actor, params, body }) => {
      const row = (await listSigningKeyRows(context.db.read)).find(({ kid }) => kid === params.key);
      if (row === undefined) throw notFound('signing-key', params.key);
      await retireSigningKeyNow(context, actor, { row, force: body.force });
      return { body: await viewAll(context.db.read) };
    },
  }),
];

async function viewAll(reader: Reader): Promise<{ items: SigningKeyView[]; total: number }> {
  const rows = await listSigningKeyRows(reader);
  const rotationMs = await rotationMsOf(reader);
  return { items: rows.map((row) => viewSigningKey(row, { rows, rotationMs })), total: rows.length };
}
