import { ProblemError } from '#core/problem';
import { checkSetupToken, closeSetup } from '../access/setup.ts';
import type { ManagerContext } from '../context.ts';
import { countAdmins, LOCAL_SOURCE, parseUser } from '../records/user.ts';
import { type Actor, change } from '../unit-of-work.ts';
import { type Entered, type EnterFrom, enter } from './enter.ts';
import { insertUser } from './make-user.ts';
import { makeSample } from './sample.ts';
import type { People } from './services.ts';
import { readSettings, writeSettings } from './settings.ts';
import { checkPassword } from './weak-password.ts';

/** What the first administrator gives. */
export interface FirstAdmin {
  readonly token: string;
  readonly name: string;
  readonly displayName: string;
  readonly password: string;
  readonly teamName: string | undefined;
  readonly sample: boolean;
}

/**
 * Makes the first administrator and signs them in, all in one transaction: of several who have the link, exactly one gets in.
 * @throws ProblemError `setup_closed`, `name_taken`, `validation_failed`
 */
export async function makeFirstAdmin(
  place: { readonly context: ManagerContext; readonly people: People; readonly actor: Actor },
  wish: FirstAdmin,
  from: Omit<EnterFrom, 'keepSignedIn'>,
): Promise<Entered> {
  const { context, people } = place;
  checkPassword(wish.password, wish);
  const passwordHash = await people.passwords.hash(wish.password);
  const actor: Actor = { ...place.actor, name: wish.name, via: 'console', grants: [{ role: 'admin' }] };
  const entered = await change(context, actor, async (unit) => {
    if ((await checkSetupToken(unit.tx, wish.token, unit.now)) !== 'right')
      throw new ProblemError('setup_closed', 'This server is already set up. Sign in.');
    if ((await countAdmins(unit.tx)) > 0)
      throw new ProblemError('setup_closed', 'There is an administrator already. Sign in.');
    const { name, displayName, teamName } = wish;
    const roles = [{ role: 'admin' as const }];
    const user = { name, displayName, email: '', roles, source: LOCAL_SOURCE, passwordHash };
    const row = await insertUser(unit, user, context.random);
    if (teamName !== undefined) await writeSettings(unit.tx, { ...(await readSettings(unit.tx)), teamName });
    await closeSetup(unit.tx);
    unit.audit({
      objectKind: 'user',
      objectId: row.id,
      objectName: name,
      sentence: `The setup was done: ${name} is the first administrator.`,
      after: parseUser(row),
    });
    return enter(unit, place, { user: row, from: { ...from, keepSignedIn: false } });
  });
  if (wish.sample) await makeSample(context, actor);
  return entered;
}
