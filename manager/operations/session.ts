import * as z from 'zod';
import {
  changePassword,
  confirmPassword,
  confirmSecondFactor,
  newSecondFactor,
  patchProfile,
  recoveryCodes,
  session,
  signIn as signInBody,
  signInPage,
  whoami,
} from '#core/model/user';
import { ProblemError } from '#core/problem';
import { endSession, type FoundSession, findSession } from '../access/session.ts';
import { checkSetupToken } from '../access/setup.ts';
import type { ManagerContext } from '../context.ts';
import { wrongValue } from '../http/validation.ts';
import { booleanFilter } from '../list.ts';
import { type Browser, operation } from '../operation.ts';
import { endAccess, endedWords } from '../people/end-access.ts';
import { enter, enteredAnswer } from '../people/enter.ts';
import { newRecoveryCodes, takeCode, totpContext } from '../people/second-factor.ts';
import type { People } from '../people/services.ts';
import { showSession } from '../people/session-view.ts';
import { readSettings } from '../people/settings.ts';
import { confirmByPassword, signIn } from '../people/sign-in.ts';
import { describeTotp, newTotpSecret } from '../people/totp.ts';
import { checkPassword } from '../people/weak-password.ts';
import { listActiveProviders } from '../records/identity-provider.ts';
import { getManagementKeyRow } from '../records/management-key.ts';
import { changedRecordColumns, given } from '../records/record.ts';
import { LOCAL_SOURCE, parseUser, userDataOf } from '../records/user.ts';
import { change, type Unit } from '../unit-of-work.ts';

/** Signing in and out, and what somebody changes of their own. */
export const sessionOperations = (people: People) => [
  operation({
    id: 'session.page',
    method: 'GET',
    path: '/sign-in',
    permission: 'open',
    summary: 'Read what the sign-in page shows.',
    response: signInPage,
    handler: async ({ context }) => {
      const { read } = context.db;
      const setup = await checkSetupToken(read, undefined, context.clock.now());
      const { teamName } = await readSettings(read);
      return { body: { setupOpen: setup !== 'closed', teamName, identityProviders: await listActiveProviders(read) } };
    },
  }),
  operation({
    id: 'session.create',
    method: 'POST',
    path: '/session',
    permission: 'open',
    summary: 'Sign in with name and password. Sets the cookie of the session.',
    body: signInBody,
    response: session,
    status: 201,
    handler: async ({ context, actor, body, address, browser }) =>
      enteredAnswer(await signIn({ context, people, actor }, body, { address, ...fromOf(browser) })),
  }),
  operation({
    id: 'session.get',
    method: 'GET',
    path: '/session',
    permission: 'own:read',
    summary: 'Read who is signed in.',
    response: session,
    handler: async ({ context, browser }) => {
      const found = await currentSession(context, people, browser);
      return { body: await showSession(context, context.db.read, found) };
    },
  }),
  operation({
    id: 'session.delete',
    method: 'DELETE',
    path: '/session',
    permission: 'own:write',
    summary: 'Sign out: this session, or with everywhere=true every session, key and password link of yours.',
    query: z.strictObject({
      everywhere: booleanFilter.optional().describe('Every session, personal key and password link.'),
    }),
    handler: async ({ context, actor, query, browser }) => {
      const { user, secret } = await currentSession(context, people, browser);
      await change(context, actor, async (unit) => {
        if (query.everywhere === true) {
          const ended = await endAccess(unit, user);
          unit.audit({ ...objectOf(user), sentence: `${user.name} signed out everywhere${endedWords(ended)}.` });
          return;
        }
        await endSession(unit.tx, secret);
        unit.audit({ ...objectOf(user), sentence: `${user.name} signed out.` });
      });
      return { body: undefined, cookies: [people.cookies.endSession()] };
    },
  }),
  operation({
    id: 'session.updateUser',
    method: 'PATCH',
    path: '/session/user',
    permission: 'own:write',
    summary: 'Change your own name as others see it, or your e-mail address.',
    body: patchProfile,
    response: session,
    handler: async ({ context, actor, body, browser }) => {
      const found = await currentSession(context, people, browser);
      const user = await change(context, actor, async (unit) => {
        const row = await getOwn(unit, found.user.id);
        const { email, ...names } = given(body);
        const data = { ...userDataOf(row), ...given({ email }) };
        const columns = changedRecordColumns(unit, row, { ...given({ displayName: names.displayName }), data });
        await unit.tx.updateTable('users').set(columns).where('id', '=', row.id).execute();
        const after = { ...row, ...columns };
        unit.audit({
          ...objectOf(row),
          sentence: `${row.name} changed their profile.`,
          before: parseUser(row),
          after: parseUser(after),
        });
        return after;
      });
      return { body: await showSession(context, context.db.read, { ...found, user }) };
    },
  }),
  operation({
    id: 'session.changePassword',
    method: 'POST',
    path: '/session/password',
    permission: 'own:write',
    summary: 'Change your password. Every other session, personal key and password link of yours ends.',
    body: changePassword,
    response: session,
    handler: async ({ context, actor, body, address, browser }) => {
      const found = await currentSession(context, people, browser);
      checkLocal(found);
      checkPassword(body.next, found.user, '/next');
      await confirmByPassword({ context, people }, found.user, { password: body.current, address });
      const password_hash = await people.passwords.hash(body.next);
      const entered = await change(context, actor, async (unit) => {
        const row = await getOwn(unit, found.user.id);
        if (row.password_hash !== found.user.password_hash)
          throw new ProblemError('state_conflict', 'The password was changed a moment ago. Sign in with it.');
        await unit.tx.updateTable('users').set({ password_hash }).where('id', '=', row.id).execute();
        const ended = await endAccess(unit, row);
        unit.audit({ ...objectOf(row), sentence: `${row.name} changed their password${endedWords(ended)}.` });
        const from = { address, ...fromOf(browser), keepSignedIn: found.session.kept === 1 };
        return enter(unit, { context, people }, { user: { ...row, generation: ended.generation }, from });
      });
      return enteredAnswer(entered);
    },
  }),
  operation({
    id: 'session.createSecondFactor',
    method: 'POST',
    path: '/session/second-factor',
    permission: 'own:write',
    summary: 'Begin to set up a second factor (RFC 6238). It holds once a code was confirmed.',
    body: confirmPassword,
    response: newSecondFactor,
    status: 201,
    handler: async ({ context, actor, body, address, browser }) => {
      const found = await currentSession(context, people, browser);
      checkLocal(found);
      await confirmByPassword({ context, people }, found.user, { password: body.password, address });
      const secret = newTotpSecret(context.random);
      await change(context, actor, async (unit) => {
        const row = await getOwn(unit, found.user.id);
        if (row.totp_confirmed === 1)
          throw new ProblemError('state_conflict', 'A second factor is set up already. Remove it first.');
        const totp_secret = context.masterKeys.secretBox().seal(secret, totpContext(row.id));
        await unit.tx.updateTable('users').set({ totp_secret, totp_step: 0 }).where('id', '=', row.id).execute();
        unit.audit({ ...objectOf(row), sentence: `${row.name} began to set up a second factor.` });
      });
      const { teamName } = await readSettings(context.db.read);
      return { body: describeTotp(secret, { user: found.user.name, team: `Gatewright ${teamName}` }) };
    },
  }),
  operation({
    id: 'session.confirmSecondFactor',
    method: 'POST',
    path: '/session/second-factor/confirm',
    permission: 'own:write',
    summary: 'Confirm the second factor with a code. Gives recovery codes, once.',
    body: confirmSecondFactor,
    response: recoveryCodes,
    handler: async ({ context, actor, body, address, browser }) => {
      const found = await currentSession(context, people, browser);
      const attempt = people.tries.begin(found.user.name, address);
      const { codes, hashes } = newRecoveryCodes(context.random);
      await change(context, actor, async (unit) => {
        const row = await getOwn(unit, found.user.id);
        if (row.totp_secret === null || row.totp_confirmed === 1)
          throw new ProblemError('state_conflict', 'There is no second factor to confirm. Begin to set one up first.');
        const box = context.masterKeys.secretBox();
        if (!(await takeCode(unit.tx, row, { code: body.code, now: unit.now, box })))
          throw wrongValue('/code', 'code_wrong', 'The code is not right. Is the clock of the phone right?');
        await unit.tx
          .updateTable('users')
          .set({ totp_confirmed: 1, recovery_hashes: hashes })
          .where('id', '=', row.id)
          .execute();
        unit.audit({ ...objectOf(row), sentence: `${row.name} set up a second factor.` });
      });
      attempt.succeeded();
      return { body: { recoveryCodes: codes } };
    },
  }),
  operation({
    id: 'session.deleteSecondFactor',
    method: 'DELETE',
    path: '/session/second-factor',
    permission: 'own:write',
    summary: 'Remove your second factor.',
    body: confirmPassword,
    handler: async ({ context, actor, body, address, browser }) => {
      const found = await currentSession(context, people, browser);
      checkLocal(found);
      await confirmByPassword({ context, people }, found.user, { password: body.password, address });
      await change(context, actor, async (unit) => {
        const row = await getOwn(unit, found.user.id);
        await unit.tx.updateTable('users').set(noSecondFactor).where('id', '=', row.id).execute();
        unit.audit({ ...objectOf(row), sentence: `${row.name} removed their second factor.` });
      });
      return { body: undefined };
    },
  }),
  operation({
    id: 'session.whoami',
    method: 'GET',
    path: '/whoami',
    permission: 'own:read',
    summary: 'Read who calls, by session, key or socket, and with which roles.',
    response: whoami,
    handler: async ({ context, principal }) => {
      if (principal === undefined) throw new ProblemError('unauthenticated', 'Sign in.');
      const { name, via, grants, keyId } = principal;
      const row = keyId === undefined ? undefined : await getManagementKeyRow(context.db.read, keyId);
      const key = row && { name: row.name, ...(row.ends_at === null ? {} : { endsAt: Number(row.ends_at) }) };
      return { body: { name, via, roles: [...grants], ...(key !== undefined && { key }) } };
    },
  }),
];

/** The columns of somebody without a second factor. */
const noSecondFactor = { totp_secret: null, totp_confirmed: 0, totp_step: 0, recovery_hashes: '[]' } as const;

function objectOf(user: { readonly id: string; readonly name: string }) {
  return { objectKind: 'user', objectId: user.id, objectName: user.name };
}

function fromOf(browser: Browser | undefined) {
  return { userAgent: browser?.userAgent ?? '', sessionSecret: browser?.sessionSecret };
}

/** The session of the caller. Keys and the socket have none. @throws ProblemError `unauthenticated` */
async function currentSession(
  context: ManagerContext,
  people: People,
  browser: Browser | undefined,
): Promise<FoundSession & { readonly secret: string }> {
  const secret = browser?.sessionSecret;
  const at = { now: context.clock.now(), seenAt: people.lastUsed.sessionSeenAt };
  const found = secret === undefined ? undefined : await findSession(context.db.read, secret, at);
  if (found === undefined || secret === undefined)
    throw new ProblemError('unauthenticated', 'This is for somebody who is signed in with name and password.');
  return { ...found, secret };
}

/** The row of who calls, inside the change. */
async function getOwn(unit: Unit, id: string) {
  const row = await unit.tx.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined || row.active !== 1) throw new ProblemError('unauthenticated', 'The session has ended.');
  return row;
}

function checkLocal({ user }: FoundSession): void {
  if (user.source !== LOCAL_SOURCE)
    throw new ProblemError(
      'state_conflict',
      `You sign in through ${user.source}; password and second factor are there.`,
    );
}
