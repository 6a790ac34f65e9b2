import { type IdentityProvider, identityProvider } from '#core/model/identity-provider';
import type { SealContext, SecretBox } from '#core/secret-box';
import type { Reader, Tx } from '../database.ts';
import type { IdentityProviderTable } from '../people/tables.ts';
import { dataOf, notFound, recordFieldsOf } from './record.ts';

/** An identity provider as it may be shown: never its client secret. `origin`: where people reach the manager. */
export function parseIdentityProvider(row: IdentityProviderTable, origin: string | undefined): IdentityProvider {
  return identityProvider.parse({
    ...recordFieldsOf(row),
    ...dataOf(row),
    active: row.active === 1,
    ...(origin === undefined ? {} : { callbackUrl: callbackUrl(origin, row.name) }),
  });
}

type DataField =
  | 'issuer'
  | 'clientId'
  | 'scopes'
  | 'nameClaim'
  | 'roleClaim'
  | 'roleMapping'
  | 'defaultRoles'
  | 'createUsers';

/** What of an identity provider stands in `data`. */
export function identityProviderData(value: Pick<IdentityProvider, DataField>): object {
  const { issuer, clientId, scopes, nameClaim, roleClaim, roleMapping, defaultRoles, createUsers } = value;
  return { issuer, clientId, scopes, nameClaim, roleClaim, roleMapping, defaultRoles, createUsers };
}

/** Where a provider sends the browser back to. */
export function callbackUrl(origin: string, name: string): string {
  return `${origin}/api/v1/sign-in/${name}/callback`;
}

/** Where the client secret of a provider stands, sealed. */
export function clientSecretContext(id: string): SealContext {
  return { table: 'identity_providers', row: id, column: 'client_secret' };
}

/** @throws ProblemError `not_found` */
export async function getIdentityProviderRow(reader: Reader, reference: string): Promise<IdentityProviderTable> {
  const row = await reader
    .selectFrom('identity_providers')
    .selectAll()
    .where((one) => one.or([one('id', '=', reference), one('name', '=', reference)]))
    .executeTakeFirst();
  if (row === undefined) throw notFound('identity provider', reference);
  return row;
}

/** The providers that the sign-in page offers. */
export async function listActiveProviders(reader: Reader): Promise<{ name: string; displayName: string }[]> {
  const rows = await reader
    .selectFrom('identity_providers')
    .select(['name', 'display_name'])
    .where('active', '=', 1)
    .orderBy('display_key')
    .limit(20)
    .execute();
  return rows.map(({ name, display_name }) => ({ name, displayName: display_name }));
}

/** Seals client secrets with the current master key, where they are not. Gives how many records changed. */
export async function resealClientSecrets(tx: Tx, box: SecretBox): Promise<number> {
  const rows = await tx.selectFrom('identity_providers').select(['id', 'client_secret']).execute();
  let changed = 0;
  for (const { id, client_secret } of rows) {
    const sealed = box.reseal(client_secret, clientSecretContext(id));
    if (sealed === client_secret) continue;
    await tx.updateTable('identity_providers').set({ client_secret: sealed }).where('id', '=', id).execute();
    changed += 1;
  }
  return changed;
}
