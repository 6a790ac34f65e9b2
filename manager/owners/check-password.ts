import { base62 } from '#core/id';
import { plainOwnerName } from '#core/model/resource-owner';
import type { OwnerAnswer } from '#core/owner-question';
import { ProblemError } from '#core/problem';
import { TooManyTries } from '../access/tries.ts';
import type { ManagerContext } from '../context.ts';
import { openCredentials, parseDirectory } from '../records/directory.ts';
import { ownerOf } from '../records/resource-owner.ts';
import { admitOwner } from './admit.ts';
import { checkByLdap } from './ldap/check.ts';
import type { OwnerSignIn } from './services.ts';
import type { DirectoryTable, ResourceOwnerTable } from './tables.ts';

/** A name and a password, and where they came from. */
export interface PasswordTry {
  readonly username: string;
  readonly password: string;
  readonly address: string;
  readonly clientId: string;
}

/** LDAP checks under way at once; more are told to come back. */
const LDAP_AT_ONCE = 20;

/**
 * Checks a name and a password, with the limits of decision 35: by (name, address), by address, by client. Whoever is disabled is told so only
 * with the right password, so that nobody learns which names exist.
 * @throws ProblemError `unavailable` when too many wait, or the directory cannot be asked
 */
export async function checkOwnerPassword(
  place: { readonly context: ManagerContext; readonly owners: OwnerSignIn },
  directory: DirectoryTable,
  given: PasswordTry,
): Promise<OwnerAnswer> {
  const { context, owners } = place;
  const username = plainOwnerName(given.username);
  const waitMs = owners.clientTries.waitMs(given.clientId);
  if (waitMs !== undefined) return { state: 'limited', retryAfterMs: Math.ceil(waitMs) };
  const attempt = beginTry(owners, `${directory.id} ${username}`, given.address);
  if ('state' in attempt) return attempt;
  let row: ResourceOwnerTable | undefined;
  try {
    row = await (directory.kind === 'ldap' ? checkLdap : checkLocal)(place, directory, { ...given, username });
  } catch (error) {
    attempt.undo();
    throw error;
  }
  if (row === undefined) {
    owners.clientTries.noteWrong(given.clientId);
    const { address, clientId } = given;
    context.logger.warn({ address, clientId, directory: directory.name }, 'A sign-in of a resource owner failed.');
    return { state: 'wrong' };
  }
  attempt.succeeded();
  if (row.active !== 1) return { state: 'disabled' };
  owners.signIns.note(row.id, context.clock.now());
  return { state: 'known', owner: ownerOf(row) };
}

function beginTry({ tries }: OwnerSignIn, user: string, address: string) {
  try {
    return tries.begin(user, address);
  } catch (error) {
    if (!(error instanceof TooManyTries)) throw error;
    return { state: 'limited', retryAfterMs: error.retryAfterSeconds * 1000 } as const;
  }
}

async function checkLocal(
  { context, owners }: { readonly context: ManagerContext; readonly owners: OwnerSignIn },
  directory: DirectoryTable,
  { username, password }: PasswordTry,
): Promise<ResourceOwnerTable | undefined> {
  const find = () =>
    context.db.read
      .selectFrom('resource_owners')
      .selectAll()
      .where('directory_id', '=', directory.id)
      .where('name', '=', username)
      .executeTakeFirst();
  const row = await find();
  // Hashed in every case: who is not there takes as long as who is.
  if (!(await owners.passwords.fits(password, row?.password_hash ?? undefined))) return undefined;
  // Again: the password or the standing may have been changed while it was hashed.
  const now = await find();
  return now !== undefined && now.id === row?.id && now.password_hash === row.password_hash ? now : undefined;
}

async function checkLdap(
  { context, owners }: { readonly context: ManagerContext; readonly owners: OwnerSignIn },
  directory: DirectoryTable,
  { username, password }: PasswordTry,
): Promise<ResourceOwnerTable | undefined> {
  const { ldap: settings } = parseDirectory(directory);
  if (settings === undefined) throw new ProblemError('unavailable', `The directory ${directory.name} has no server.`);
  if (owners.ldapUnderWay >= LDAP_AT_ONCE)
    throw new ProblemError('unavailable', 'Too many people sign in at once. Try again in a moment.');
  owners.ldapUnderWay += 1;
  try {
    const bindPassword = openCredentials(directory, context.masterKeys.secretBox());
    const question = { settings, bindPassword, username, password, nobody: base62(context.random, 22) };
    const person = await checkByLdap(question, context.egress);
    if (person === undefined) return undefined;
    const { id: externalId, name, displayName, email } = person;
    return await admitOwner(context, directory, { externalId, name, displayName, email });
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    context.logger.error({ err: error, directory: directory.name }, 'An LDAP server could not be asked.');
    throw new ProblemError('unavailable', `The directory ${directory.name} does not answer.`);
  } finally {
    owners.ldapUnderWay -= 1;
  }
}
