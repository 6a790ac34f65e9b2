import { patchSettings, settings } from '#core/model/settings';
import { operation } from '../operation.ts';
import { readSettings, writeSettings } from '../people/settings.ts';
import { given } from '../records/record.ts';
import { change } from '../unit-of-work.ts';

/** What holds for everybody of the console. */
export const settingsOperations = [
  operation({
    id: 'settings.get',
    method: 'GET',
    path: '/settings',
    permission: 'settings:read',
    summary: 'Read the settings of the console.',
    response: settings,
    handler: async ({ context }) => ({ body: await readSettings(context.db.read) }),
  }),
  operation({
    id: 'settings.update',
    method: 'PATCH',
    path: '/settings',
    permission: 'settings:write',
    summary: 'Change the settings of the console. Ends of sessions hold for sign-ins from then on.',
    body: patchSettings,
    response: settings,
    handler: async ({ context, actor, body }) => {
      const changed = await change(context, actor, async (unit) => {
        const before = await readSettings(unit.tx);
        const after = { ...before, ...given(body) };
        await writeSettings(unit.tx, after);
        const sentence = 'The settings of the console were changed.';
        unit.audit({ objectKind: 'settings', objectId: 'settings', objectName: 'settings', sentence, before, after });
        return after;
      });
      return { body: changed };
    },
  }),
];
