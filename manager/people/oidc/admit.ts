import type { IdentityProvider } from '#core/model/identity-provider';
import type { ManagerContext } from '../../context.ts';
import { parseUser, userDataOf } from '../../records/user.ts';
import type { Unit } from '../../unit-of-work.ts';
import { endAccess, endedWords } from '../end-access.ts';
import { insertUser } from '../make-user.ts';
import { isSameRoles } from '../same-roles.ts';
import type { UserTable } from '../tables.ts';
import type { Person } from './claims.ts';

/**
 * The user that somebody is whom a provider vouches for: known by the provider's subject, made ready by an administrator under that name, or
 * made now where the provider's settings say so. Roles follow the provider's claim.
 * @returns undefined when they may not sign in
 */
export async function admit(
  unit: Unit,
  context: ManagerContext,
  { provider, person }: { readonly provider: IdentityProvider; readonly person: Person },
): Promise<UserTable | undefined> {
  if (person.subject === '' || person.roles?.length === 0) return undefined;
  const row = (await findBySubject(unit, provider, person)) ?? (await linkPrepared(unit, provider, person));
  if (row === undefined) return create(unit, context, { provider, person });
  if (row.active !== 1) return undefined;
  const roles = person.roles;
  if (roles === undefined || isSameRoles(userDataOf(row).roles, roles)) return row;
  const data = JSON.stringify({ ...userDataOf(row), roles });
  const after = { ...row, data, revision: row.revision + 1, updated_at: unit.now, updated_by: provider.name };
  await unit.tx.updateTable('users').set(after).where('id', '=', row.id).execute();
  const ended = await endAccess(unit, row);
  unit.audit({
    ...objectOf(row),
    sentence: `${provider.name} gave ${row.name} other roles${endedWords(ended)}.`,
    before: parseUser(row),
    after: parseUser(after),
  });
  return { ...after, generation: ended.generation };
}

function findBySubject(unit: Unit, provider: IdentityProvider, { subject }: Person): Promise<UserTable | undefined> {
  return unit.tx
    .selectFrom('users')
    .selectAll()
    .where('source', '=', provider.name)
    .where('subject', '=', subject)
    .executeTakeFirst();
}

/** Whom an administrator made for this provider, on their first sign-in. */
async function linkPrepared(
  unit: Unit,
  provider: IdentityProvider,
  { name, subject }: Person,
): Promise<UserTable | undefined> {
  if (name === undefined) return undefined;
  const row = await unit.tx
    .selectFrom('users')
    .selectAll()
    .where('name', '=', name)
    .where('source', '=', provider.name)
    .where('subject', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  await unit.tx.updateTable('users').set({ subject }).where('id', '=', row.id).execute();
  return { ...row, subject };
}

async function create(
  unit: Unit,
  context: ManagerContext,
  { provider, person }: { readonly provider: IdentityProvider; readonly person: Person },
): Promise<UserTable | undefined> {
  const { name, subject, email } = person;
  const roles = person.roles ?? provider.defaultRoles;
  if (!provider.createUsers || name === undefined || roles.length === 0) return undefined;
  // A name that somebody else has is never given to a second one, whoever vouches for them.
  const taken = await unit.tx.selectFrom('users').select('id').where('name', '=', name).executeTakeFirst();
  if (taken !== undefined) return undefined;
  const wish = { name, subject, email, roles, displayName: person.displayName ?? name, source: provider.name };
  const row = await insertUser(unit, wish, context.random);
  unit.audit({
    ...objectOf(row),
    sentence: `User ${name} was made at their first sign-in through ${provider.name}.`,
    after: parseUser(row),
  });
  return row;
}

function objectOf(row: UserTable) {
  return { objectKind: 'user', objectId: row.id, objectName: row.name };
}
