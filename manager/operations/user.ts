import * as z from 'zod';
import type { RoleGrant } from '#core/model/role';
import { createUser, passwordLink, patchUser, redeemPasswordLink, user } from '#core/model/user';
import { ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import { wrongValue } from '../http/validation.ts';
import { listQuery, listRecords, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';
import { checkRoles } from '../people/check-roles.ts';
import { endAccess, endedWords } from '../people/end-access.ts';
import { insertUser } from '../people/make-user.ts';
import { findPasswordLink, openPasswordLink } from '../people/password-link.ts';
import { isSameRoles } from '../people/same-roles.ts';
import type { People } from '../people/services.ts';
import type { UserTable } from '../people/tables.ts';
import { checkPassword } from '../people/weak-password.ts';
import { getIdentityProviderRow } from '../records/identity-provider.ts';
import { changedRecordColumns, given } from '../records/record.ts';
import { checkOtherAdmin, getUserRow, LOCAL_SOURCE, parseUser, userDataOf } from '../records/user.ts';
import { checkRevision } from '../revision.ts';
import { type Actor, change, type Unit } from '../unit-of-work.ts';

/** People: who may sign in, and with which roles. */
export const userOperations = (people: People) => {
  const show = (row: UserTable) => parseUser(row, people.tries.lockedUntil(row.name));
  return [
    operation({
      id: 'users.list',
      method: 'GET',
      path: '/users',
      permission: 'users:read',
      summary: 'List the people.',
      query: listQuery({}),
      response: pageOf(user),
      handler: async ({ context, query }) => {
        const page = await listRecords<UserTable>(context.db.read, 'users', query);
        return { body: { ...page, items: page.items.map(show) } };
      },
    }),
    operation({
      id: 'users.create',
      method: 'POST',
      path: '/users',
      permission: 'users:write',
      summary: 'Make a person. Without a password, give them a password link.',
      body: createUser,
      response: user,
      status: 201,
      handler: async ({ context, actor, body }) => {
        const { password, source = LOCAL_SOURCE, ...rest } = body;
        if (password !== undefined && source !== LOCAL_SOURCE)
          throw wrongValue('/password', 'not_allowed', `Who signs in through ${source} has no password here.`);
        if (password !== undefined) checkPassword(password, body);
        const passwordHash = password === undefined ? undefined : await people.passwords.hash(password);
        const made = await change(context, actor, async (unit) => {
          await checkRoles(unit, body.roles);
          if (source !== LOCAL_SOURCE) await getIdentityProviderRow(unit.tx, source);
          const wish = { ...rest, displayName: body.displayName ?? body.name, source, passwordHash };
          const row = await insertUser(unit, wish, context.random);
          unit.audit({ ...objectOf(row), sentence: `User ${row.name} was made.`, after: parseUser(row) });
          return row;
        });
        return { body: show(made), revision: made.revision, location: `/users/${made.name}` };
      },
    }),
    operation({
      id: 'users.get',
      method: 'GET',
      path: '/users/:user',
      permission: 'users:read',
      summary: 'Read a person.',
      params: pathParams('user'),
      response: user,
      handler: async ({ context, params }) => {
        const row = await getUserRow(context.db.read, params.user);
        return { body: show(row), revision: row.revision };
      },
    }),
    operation({
      id: 'users.update',
      method: 'PATCH',
      path: '/users/:user',
      permission: 'users:write',
      summary: 'Change a person. With other roles, or turned off, all sessions and personal keys of theirs end.',
      params: pathParams('user'),
      body: patchUser,
      response: user,
      ifMatch: true,
      handler: async ({ context, actor, params, body, ifMatch }) => {
        const changed = await change(context, actor, async (unit) => {
          const row = await getUserRow(unit.tx, params.user);
          checkRevision(ifMatch, row.revision);
          const { active, displayName, ...data } = given(body);
          const before = parseUser(row);
          if (body.roles !== undefined) await checkRoles(unit, body.roles);
          const isLess = active === false || (body.roles !== undefined && !body.roles.some(isAdmin));
          if (isLess && actor.via !== 'socket') await checkOtherAdmin(unit.tx, row);
          const columns = {
            ...changedRecordColumns(unit, row, { ...given({ displayName }), data: { ...userDataOf(row), ...data } }),
            ...(active === undefined ? {} : { active: active ? 1 : 0 }),
          };
          await unit.tx.updateTable('users').set(columns).where('id', '=', row.id).execute();
          const after = { ...row, ...columns };
          const mustEnd = (active === false && before.active) || !isSameRoles(before.roles, parseUser(after).roles);
          const words = mustEnd ? endedWords(await endAccess(unit, row)) : '';
          unit.audit({
            ...objectOf(row),
            sentence: `User ${row.name} was ${verbOf(before.active, active)}${words}.`,
            before,
            after: parseUser(after),
          });
          return after;
        });
        return { body: show(changed), revision: changed.revision };
      },
    }),
    operation({
      id: 'users.delete',
      method: 'DELETE',
      path: '/users/:user',
      permission: 'users:write',
      summary: 'Delete a person: all sessions and personal keys of theirs end.',
      params: pathParams('user'),
      ifMatch: true,
      handler: async ({ context, actor, params, ifMatch }) => {
        await change(context, actor, async (unit) => {
          const row = await getUserRow(unit.tx, params.user);
          checkRevision(ifMatch, row.revision);
          if (actor.via !== 'socket') await checkOtherAdmin(unit.tx, row);
          const ended = await endAccess(unit, row);
          await unit.tx.deleteFrom('users').where('id', '=', row.id).execute();
          unit.audit({
            ...objectOf(row),
            sentence: `User ${row.name} was deleted${endedWords(ended)}.`,
            before: parseUser(row),
          });
        });
        return { body: undefined };
      },
    }),
    operation({
      id: 'users.signOut',
      method: 'POST',
      path: '/users/:user/sign-out',
      permission: 'users:write',
      summary: 'Sign a person out everywhere: every session, personal key and password link of theirs ends.',
      params: pathParams('user'),
      body: nothing,
      handler: async ({ context, actor, params }) => {
        await change(context, actor, async (unit) => {
          const row = await getUserRow(unit.tx, params.user);
          const ended = await endAccess(unit, row);
          unit.audit({ ...objectOf(row), sentence: `User ${row.name} was signed out everywhere${endedWords(ended)}.` });
        });
        return { body: undefined };
      },
    }),
    operation({
      id: 'users.passwordLink',
      method: 'POST',
      path: '/users/:user/password-link',
      permission: 'users:write',
      summary: 'Make a one-time link with which a person chooses a password, within a day.',
      params: pathParams('user'),
      body: nothing,
      response: passwordLink,
      status: 201,
      handler: async ({ context, actor, params }) => {
        const { token, endsAt } = await change(context, actor, async (unit) => {
          const row = await getUserRow(unit.tx, params.user);
          if (row.source !== LOCAL_SOURCE)
            throw new ProblemError('state_conflict', `${row.name} signs in through ${row.source}.`);
          if (row.active !== 1) throw new ProblemError('state_conflict', `${row.name} is turned off.`);
          unit.audit({ ...objectOf(row), sentence: `A password link was made for ${row.name}.` });
          return openPasswordLink(unit, row, context.random);
        });
        return { body: { link: `${originOf(context)}/password/${token}`, endsAt } };
      },
    }),
    operation({
      id: 'users.unlock',
      method: 'POST',
      path: '/users/:user/unlock',
      permission: 'users:write',
      summary: 'Forget the failed sign-ins of a person, and remove a second factor that they lost.',
      params: pathParams('user'),
      body: z.strictObject({
        removeSecondFactor: z.boolean().default(false).describe('They lost their second factor: remove it.'),
      }),
      response: user,
      handler: async ({ context, actor, params, body }) => {
        const row = await change(context, actor, async (unit) => unlock(unit, params.user, body.removeSecondFactor));
        people.tries.unlock(row.name);
        return { body: show(row), revision: row.revision };
      },
    }),
    operation({
      id: 'users.choosePassword',
      method: 'POST',
      path: '/password',
      permission: 'open',
      summary: 'Choose a password with a one-time password link. Sessions and personal keys made before end.',
      body: redeemPasswordLink,
      handler: async ({ context, actor, body, address }) => {
        people.failed.check(address);
        await choosePassword({ context, actor, people }, { ...body, address });
        return { body: undefined };
      },
    }),
  ];
};

/** No fields at all. */
const nothing = z.strictObject({});

async function choosePassword(
  { context, actor, people }: { readonly context: ManagerContext; readonly actor: Actor; readonly people: People },
  given: { readonly token: string; readonly password: string; readonly address: string },
): Promise<void> {
  const wrong = new ProblemError('setup_token_wrong', 'This link was used, is older than a day, or was replaced.');
  const { read } = context.db;
  const found = await findPasswordLink(read, given.token, context.clock.now());
  if (found === undefined) {
    people.failed.note(given.address);
    throw wrong;
  }
  const { name } = await getUserRow(read, found.user_id);
  checkPassword(given.password, { name });
  const password_hash = await people.passwords.hash(given.password);
  await change(context, { ...actor, name }, async (unit) => {
    // Again inside: of two who redeem at the same time, one does.
    const link = await findPasswordLink(unit.tx, given.token, unit.now);
    if (link === undefined) throw wrong;
    const row = await getUserRow(unit.tx, link.user_id);
    if (row.active !== 1) throw wrong;
    await unit.tx.updateTable('users').set({ password_hash }).where('id', '=', row.id).execute();
    const ended = await endAccess(unit, row);
    unit.audit({ ...objectOf(row), sentence: `${name} chose a password with a link${endedWords(ended)}.` });
  });
  people.tries.unlock(name);
}

async function unlock(unit: Unit, reference: string, removeSecondFactor: boolean): Promise<UserTable> {
  const row = await getUserRow(unit.tx, reference);
  const hadFactor = removeSecondFactor && row.totp_confirmed === 1;
  const columns = hadFactor
    ? {
        totp_secret: null,
        totp_confirmed: 0,
        totp_step: 0,
        recovery_hashes: '[]',
        ...changedRecordColumns(unit, row, {}),
      }
    : {};
  if (hadFactor) await unit.tx.updateTable('users').set(columns).where('id', '=', row.id).execute();
  const words = hadFactor ? ' and the second factor was removed' : '';
  unit.audit({ ...objectOf(row), sentence: `User ${row.name} was unlocked${words}.` });
  return { ...row, ...columns };
}

function objectOf(row: UserTable) {
  return { objectKind: 'user', objectId: row.id, objectName: row.name };
}

function isAdmin({ role }: RoleGrant): boolean {
  return role === 'admin';
}

function verbOf(wasActive: boolean, active: boolean | undefined): string {
  if (active === undefined || active === wasActive) return 'changed';
  return active ? 'turned on' : 'turned off';
}

/** Where people reach the manager: links begin with it. @throws ProblemError `unavailable` while it starts */
export function originOf(context: ManagerContext): string {
  const origin = context.publicOrigin();
  if (origin === undefined) throw new ProblemError('unavailable', 'The manager is starting. Try again in a moment.');
  return origin;
}
