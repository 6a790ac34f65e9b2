import * as z from 'zod';
import { displayNameSchema } from '#core/model/name';
import { settings } from '#core/model/settings';
import { passwordSchema, session, userNameSchema } from '#core/model/user';
import { ProblemError } from '#core/problem';
import { checkSetupToken, closeSetup, openSetupToken } from '../access/setup.ts';
import type { ManagerContext } from '../context.ts';
import { wrongValue } from '../http/validation.ts';
import { operation } from '../operation.ts';
import { makeFirstAdmin } from '../people/first-admin.ts';
import type { People } from '../people/services.ts';
import { insertManagementKey, parseManagementKey } from '../records/management-key.ts';
import { checkNameFree, nameFor } from '../records/record.ts';
import { countAdmins } from '../records/user.ts';
import { type Actor, change } from '../unit-of-work.ts';
import { originOf } from './user.ts';

const redeemBody = z.strictObject({
  token: z.string().min(1).max(512).describe('The token of the setup link.'),
  name: userNameSchema.optional().describe('User name of the first administrator. Left out: a management key is made.'),
  password: passwordSchema.optional().describe('Password of the first administrator.'),
  displayName: displayNameSchema.optional().describe('Name of the administrator as others see it, or of the key.'),
  teamName: settings.shape.teamName.optional(),
  sample: z.boolean().default(false).describe('Make and deploy a sample: a token end point and an API.'),
});

/** The first start: whoever has the one-time token of the printed link becomes the first administrator, or gets a management key. */
export const setupOperations = (people: People) => [
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
    summary:
      'Redeem the one-time setup token: makes the first administrator and signs them in; without name and password, gives a management key with the Admin role.',
    body: redeemBody,
    response: z.union([session, z.strictObject({ key: z.string().describe('The management key; shown this once.') })]),
    status: 201,
    handler: async ({ context, actor, body, address, browser }) => {
      await checkToken({ context, people }, body.token, address);
      const { token, name, password, displayName, teamName, sample } = body;
      if (name === undefined && password === undefined)
        return { body: { key: await makeFirstKey(context, actor, { token, displayName: displayName ?? 'Admin' }) } };
      if (name === undefined) throw wrongValue('/name', 'required', 'This field is required.');
      if (password === undefined) throw wrongValue('/password', 'required', 'This field is required.');
      const { session: made, cookie } = await makeFirstAdmin(
        { context, people, actor },
        { token, name, password, displayName: displayName ?? name, teamName, sample },
        { address, userAgent: browser?.userAgent ?? '', sessionSecret: browser?.sessionSecret },
      );
      return { body: made, cookies: [cookie] };
    },
  }),
  operation({
    id: 'setup.link',
    method: 'POST',
    path: '/setup/link',
    permission: 'users:write',
    summary: 'Make a new setup link, on the machine itself and while there is no administrator.',
    body: z.strictObject({}),
    response: z.strictObject({ link: z.string().describe('It works once, within a day.') }),
    status: 201,
    handler: async ({ context, actor }) => {
      if (actor.via !== 'socket')
        throw new ProblemError('forbidden', 'A setup link is made on the machine itself: gatewright admin setup-link');
      const token = await change(context, actor, async (unit) => {
        if ((await countAdmins(unit.tx)) > 0)
          throw new ProblemError('state_conflict', 'There is an administrator already.', {
            fixes: [
              {
                text: 'Give somebody who cannot sign in a link to choose a password.',
                command: 'gatewright admin password-link USER',
              },
            ],
          });
        unit.audit({
          objectKind: 'setup',
          objectId: 'setup',
          objectName: 'setup',
          sentence: 'A new setup link was made.',
        });
        return openSetupToken(unit.tx, context.random, unit.now);
      });
      return { body: { link: `${originOf(context)}/setup/${token}` } };
    },
  }),
];

async function checkToken(
  { context, people }: { readonly context: ManagerContext; readonly people: People },
  token: string,
  address: string,
): Promise<void> {
  people.failed.check(address);
  const state = await checkSetupToken(context.db.read, token, context.clock.now());
  if (state === 'right') return;
  if (state === 'closed')
    throw new ProblemError(
      'setup_closed',
      'This server is already set up, or the link is older than a day. Sign in, or make a new link on the machine itself: gatewright admin setup-link',
    );
  people.failed.note(address);
  throw new ProblemError(
    'setup_token_wrong',
    'Use the link that the manager printed when it started last, or make a new one: gatewright admin setup-link',
  );
}

async function makeFirstKey(
  context: ManagerContext,
  actor: Actor,
  wish: { readonly token: string; readonly displayName: string },
): Promise<string> {
  return change(context, { ...actor, name: 'setup' }, async (unit) => {
    // Again inside: of two who redeem at the same time, one gets the key.
    if ((await checkSetupToken(unit.tx, wish.token, unit.now)) !== 'right')
      throw new ProblemError('setup_closed', 'The setup was done a moment ago.');
    const name = nameFor(undefined, wish.displayName);
    await checkNameFree(unit.tx, 'management_keys', 'management key', name);
    const by = { actor: 'setup', now: unit.now, random: context.random };
    const key = { name, displayName: wish.displayName, roles: [{ role: 'admin' as const }] };
    const { row, value } = await insertManagementKey(unit.tx, key, by);
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
}
