import type { SignIn } from '#core/model/user';
import { ProblemError } from '#core/problem';
import type { Try } from '../access/tries.ts';
import type { ManagerContext } from '../context.ts';
import { LOCAL_SOURCE } from '../records/user.ts';
import { type Actor, change } from '../unit-of-work.ts';
import { type Entered, type EnterFrom, enter } from './enter.ts';
import { takeCode } from './second-factor.ts';
import type { People } from './services.ts';
import type { UserTable } from './tables.ts';

/** One text whatever was wrong, so that nobody learns which names exist. */
const signInFailed = () => new ProblemError('sign_in_failed', 'The name, the password or the code is not right.');

/**
 * Signs somebody in with name, password and, where set up, a code.
 * @throws ProblemError `sign_in_failed`, `second_factor_needed`, `too_many_requests`, `unavailable`
 */
export async function signIn(
  place: { readonly context: ManagerContext; readonly people: People; readonly actor: Actor },
  given: SignIn,
  from: Omit<EnterFrom, 'keepSignedIn'>,
): Promise<Entered> {
  const { context, people, actor } = place;
  const name = given.name.toLowerCase();
  return tryPassword(place, { name, address: from.address }, async (attempt) => {
    const user = await context.db.read.selectFrom('users').selectAll().where('name', '=', name).executeTakeFirst();
    const canSignIn = user !== undefined && user.active === 1 && user.source === LOCAL_SOURCE;
    // Hashed in every case: who is not there takes as long as who is.
    const isRight = await people.passwords.fits(given.password, (canSignIn && user.password_hash) || undefined);
    if (!isRight || !canSignIn) throw signInFailed();
    if (user.totp_confirmed === 1 && (given.code ?? '') === '') {
      attempt.undo();
      throw new ProblemError('second_factor_needed', 'Give the code of your authenticator app, or a recovery code.');
    }
    return change(context, { ...actor, name: user.name, via: 'console' }, async (unit) => {
      // Again inside: the password may have been changed, or the code used, while it was hashed.
      const now = await unit.tx.selectFrom('users').selectAll().where('id', '=', user.id).executeTakeFirst();
      if (now === undefined || now.active !== 1 || now.password_hash !== user.password_hash) throw signInFailed();
      const box = context.masterKeys.secretBox();
      if (now.totp_confirmed === 1 && !(await takeCode(unit.tx, now, { code: given.code ?? '', now: unit.now, box })))
        throw signInFailed();
      unit.audit({
        objectKind: 'user',
        objectId: user.id,
        objectName: user.name,
        sentence: `${user.name} signed in.`,
      });
      return enter(unit, place, { user: now, from: { ...from, keepSignedIn: given.keepSignedIn } });
    });
  });
}

/**
 * Checks the password of somebody who is signed in once more, with the same limits.
 * @throws ProblemError `sign_in_failed`, `too_many_requests`, `unavailable`
 */
export async function confirmByPassword(
  place: { readonly context: ManagerContext; readonly people: People },
  user: UserTable,
  given: { readonly password: string; readonly address: string },
): Promise<void> {
  await tryPassword(place, { name: user.name, address: given.address }, async () => {
    if (!(await place.people.passwords.fits(given.password, user.password_hash ?? undefined)))
      throw new ProblemError('sign_in_failed', 'The password is not right.');
  });
}

async function tryPassword<Result>(
  { people, context }: { readonly context: ManagerContext; readonly people: People },
  who: { readonly name: string; readonly address: string },
  work: (attempt: Try) => Promise<Result>,
): Promise<Result> {
  const attempt = people.tries.begin(who.name, who.address);
  try {
    const result = await work(attempt);
    attempt.succeeded();
    return result;
  } catch (error) {
    const isWrong = error instanceof ProblemError && error.code === 'sign_in_failed';
    if (isWrong) context.logger.warn({ address: who.address }, 'A sign-in failed.');
    else attempt.undo();
    throw error;
  }
}
