import * as z from 'zod';
import { displayNameSchema } from '#core/model/name';
import { ProblemError } from '#core/problem';
import type { FailedAttempts } from '../access/failed-attempts.ts';
import { checkSetupToken, closeSetup } from '../access/setup.ts';
import { operation } from '../operation.ts';
import { insertManagementKey, parseManagementKey } from '../records/management-key.ts';
import { checkNameFree, nameFor } from '../records/record.ts';
import { change } from '../unit-of-work.ts';

/** The first start: the one-time token of the printed link becomes a management key. */
export const setupOperations = (failed: FailedAttempts) => [
  operation({
    id: 'setup.get',
    method: 'GET',
    path: '/setup',
    permission: 'open',
    summary: 'Tell whether the setup is open.',
    response: z.strictObject({ open: z.boolean() }),
    handler: async ({ context }) => {
      const state = await checkSetupToken(context.db.read, undefined, context.clock.now());
      return { body: { open: state !== 'closed' } };
    },
  }),
  operation({
    id: 'setup.redeem',
    method: 'POST',
    path: '/setup',
    permission: 'open',
    summary: 'Redeem the one-time setup token: gives the first management key, with the Admin role.',
    body: z.strictObject({
      token: z.string().min(1).max(512).describe('The token of the setup link.'),
      displayName: displayNameSchema.default('Admin').describe('Name of the management key.'),
    }),
    response: z.strictObject({ key: z.string().describe('The management key; shown this once.') }),
    status: 201,
    handler: async ({ context, actor, body, address }) => {
      failed.check(address);
      const state = await checkSetupToken(context.db.read, body.token, context.clock.now());
      if (state === 'closed')
        throw new ProblemError(
          'setup_closed',
          'The setup was done, or its link is older than a day; a restart prints a new one while there is no key.',
        );
      if (state === 'wrong') {
        failed.note(address);
        throw new ProblemError('setup_token_wrong', 'Use the link that the manager printed when it started last.');
      }
      const key = await change(context, { ...actor, name: 'setup' }, async (unit) => {
        // Again inside: of two who redeem at the same time, one gets the key.
        if ((await checkSetupToken(unit.tx, body.token, unit.now)) !== 'right')
          throw new ProblemError('setup_closed', 'The setup was done a moment ago.');
        const name = nameFor(undefined, body.displayName);
        await checkNameFree(unit.tx, 'management_keys', 'management key', name);
        const by = { actor: 'setup', now: unit.now, random: context.random };
        const { row, value } = await insertManagementKey(unit.tx, { name, displayName: body.displayName }, by);
        await closeSetup(unit.tx);
        unit.audit({
          objectKind: 'management-key',
          objectId: row.id,
          objectName: name,
          sentence: `The setup was done: management key ${name} was made.`,
          after: parseManagementKey(row, unit.now),
        });
        return value;
      });
      return { body: { key } };
    },
  }),
];
