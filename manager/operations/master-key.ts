import * as z from 'zod';
import { ProblemError } from '#core/problem';
import { operation } from '../operation.ts';
import { finishRotation, sealAnew } from '../seal-anew.ts';
import { change } from '../unit-of-work.ts';

/** The master key, which seals what must be readable again. */
export const masterKeyOperations = [
  operation({
    id: 'masterKey.rotate',
    method: 'POST',
    path: '/master-key/rotate',
    permission: 'master-key:write',
    summary: 'Make a new master key and seal everything with it anew, while serving.',
    response: z.strictObject({
      keyId: z.string().describe('Id of the new master key.'),
      rewrapped: z.int().describe('How many records were sealed anew.'),
    }),
    handler: async ({ context, actor }) => {
      if ((await context.services.lease.others()) > 0)
        throw new ProblemError(
          'state_conflict',
          'Other managers work on this database, and each has the master key in a file of its own. Put the new key into every file and start one manager after the other, as docs/manager-postgres.md says.',
        );
      await finishRotation(context, actor);
      await context.masterKeys.rotate();
      const box = context.masterKeys.secretBox();
      const rewrapped = await change(context, actor, async (unit) => {
        unit.audit({
          objectKind: 'master-key',
          objectId: box.keyId,
          objectName: box.keyId,
          sentence: `The master key was rotated; ${box.keyId} is the current one.`,
        });
        return sealAnew(unit, context);
      });
      return { body: { keyId: box.keyId, rewrapped } };
    },
  }),
];
