import * as z from 'zod';
import { newId } from '#core/id';
import { createIdentityProvider, identityProvider, patchIdentityProvider } from '#core/model/identity-provider';
import { ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import { wrongValue } from '../http/validation.ts';
import { listQuery, listRecords, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';
import { checkRoles } from '../people/check-roles.ts';
import { checkIssuer } from '../people/oidc/check-issuer.ts';
import { leaveForProvider, ProviderSignInError, returnFromProvider } from '../people/oidc/sign-in.ts';
import { TRANSACTION_MS } from '../people/oidc/transaction.ts';
import type { People } from '../people/services.ts';
import type { IdentityProviderTable } from '../people/tables.ts';
import {
  clientSecretContext,
  getIdentityProviderRow,
  identityProviderData,
  parseIdentityProvider,
} from '../records/identity-provider.ts';
import { changedRecordColumns, checkNameFree, given, nameFor, newRecordColumns } from '../records/record.ts';
import { LOCAL_SOURCE } from '../records/user.ts';
import { checkRevision } from '../revision.ts';
import { change, type Unit } from '../unit-of-work.ts';

/** OpenID Connect providers through which people sign in, and signing in through them. */
export const identityProviderOperations = (people: People) => [
  operation({
    id: 'identityProviders.list',
    method: 'GET',
    path: '/identity-providers',
    permission: 'identity-providers:read',
    summary: 'List the identity providers.',
    query: listQuery({}),
    response: pageOf(identityProvider),
    handler: async ({ context, query }) => {
      const page = await listRecords<IdentityProviderTable>(context.db.read, 'identity_providers', query);
      const items = page.items.map((row) => parseIdentityProvider(row, context.publicOrigin()));
      return { body: { ...page, items } };
    },
  }),
  operation({
    id: 'identityProviders.create',
    method: 'POST',
    path: '/identity-providers',
    permission: 'identity-providers:write',
    summary: 'Let people sign in through an OpenID Connect provider.',
    body: createIdentityProvider,
    response: identityProvider,
    status: 201,
    handler: async ({ context, actor, body }) => {
      const { clientSecret, displayName, ...settings } = body;
      const name = nameFor(body.name, displayName);
      checkName(name);
      checkIssuer(body.issuer);
      const made = await change(context, actor, async (unit) => {
        await checkMapping(unit, body);
        await checkNameFree(unit.tx, 'identity_providers', 'identity provider', name);
        const id = newId('idp', context.random);
        const data = identityProviderData({ ...settings, roleClaim: settings.roleClaim });
        const row: IdentityProviderTable = {
          ...newRecordColumns(unit, { id, name, displayName, data }),
          active: settings.active ? 1 : 0,
          client_secret: seal(context, id, clientSecret),
        };
        await unit.tx.insertInto('identity_providers').values(row).execute();
        const shown = parseIdentityProvider(row, context.publicOrigin());
        unit.audit({ ...objectOf(row), sentence: `Identity provider ${name} was made.`, after: shown });
        return shown;
      });
      return { body: made, revision: made.revision, location: `/identity-providers/${made.name}` };
    },
  }),
  operation({
    id: 'identityProviders.get',
    method: 'GET',
    path: '/identity-providers/:provider',
    permission: 'identity-providers:read',
    summary: 'Read an identity provider.',
    params: pathParams('provider'),
    response: identityProvider,
    handler: async ({ context, params }) => {
      const row = await getIdentityProviderRow(context.db.read, params.provider);
      return { body: parseIdentityProvider(row, context.publicOrigin()), revision: row.revision };
    },
  }),
  operation({
    id: 'identityProviders.update',
    method: 'PATCH',
    path: '/identity-providers/:provider',
    permission: 'identity-providers:write',
    summary: 'Change an identity provider.',
    params: pathParams('provider'),
    body: patchIdentityProvider,
    response: identityProvider,
    ifMatch: true,
    handler: async ({ context, actor, params, body, ifMatch }) => {
      if (body.issuer !== undefined) checkIssuer(body.issuer);
      const changed = await change(context, actor, async (unit) => {
        const row = await getIdentityProviderRow(unit.tx, params.provider);
        checkRevision(ifMatch, row.revision);
        const before = parseIdentityProvider(row, context.publicOrigin());
        const { clientSecret, ...fields } = given(body);
        const wanted = { ...before, ...fields };
        await checkMapping(unit, wanted);
        if (wanted.issuer !== before.issuer) await checkNobodyLinked(unit, row.name);
        const data = identityProviderData(wanted);
        const columns = {
          ...changedRecordColumns(unit, row, { displayName: wanted.displayName, data }),
          active: wanted.active ? 1 : 0,
          ...(clientSecret === undefined ? {} : { client_secret: seal(context, row.id, clientSecret) }),
        };
        await unit.tx.updateTable('identity_providers').set(columns).where('id', '=', row.id).execute();
        const after = parseIdentityProvider({ ...row, ...columns }, context.publicOrigin());
        unit.audit({ ...objectOf(row), sentence: `Identity provider ${row.name} was changed.`, before, after });
        return after;
      });
      return { body: changed, revision: changed.revision };
    },
  }),
  operation({
    id: 'identityProviders.delete',
    method: 'DELETE',
    path: '/identity-providers/:provider',
    permission: 'identity-providers:write',
    summary: 'Delete an identity provider that nobody signs in through.',
    params: pathParams('provider'),
    ifMatch: true,
    handler: async ({ context, actor, params, ifMatch }) => {
      await change(context, actor, async (unit) => {
        const row = await getIdentityProviderRow(unit.tx, params.provider);
        checkRevision(ifMatch, row.revision);
        await checkUnused(unit, row.name);
        await unit.tx.deleteFrom('identity_providers').where('id', '=', row.id).execute();
        const before = parseIdentityProvider(row, context.publicOrigin());
        unit.audit({ ...objectOf(row), sentence: `Identity provider ${row.name} was deleted.`, before });
      });
      return { body: undefined };
    },
  }),
  operation({
    id: 'identityProviders.signIn',
    method: 'GET',
    path: '/sign-in/:provider',
    permission: 'open',
    summary: 'Go to an identity provider to sign in. For browsers.',
    params: pathParams('provider'),
    query: z.strictObject({
      returnTo: z.string().max(1000).optional().describe('Path of the console to come back to.'),
    }),
    status: 303,
    handler: async ({ context, params, query }) => {
      try {
        const wish = { provider: params.provider, returnTo: query.returnTo };
        const { url, sealed } = await leaveForProvider({ context, people }, wish);
        return { body: undefined, redirect: url, cookies: [people.cookies.transaction(sealed, TRANSACTION_MS)] };
      } catch (error) {
        return { body: undefined, redirect: problemPage(context, error) };
      }
    },
  }),
  operation({
    id: 'identityProviders.callback',
    method: 'GET',
    path: '/sign-in/:provider/callback',
    permission: 'open',
    summary: 'Come back from an identity provider. For browsers.',
    params: pathParams('provider'),
    query: z.record(z.string().max(64), z.string().max(4096)),
    status: 303,
    handler: async ({ context, actor, params, query, address, browser }) => {
      const done = people.cookies.transaction('', 0);
      try {
        const from = { address, userAgent: browser?.userAgent ?? '', sessionSecret: browser?.sessionSecret };
        const sealed = browser?.transaction;
        const back = { provider: params.provider, query, sealed, from };
        const { returnTo, cookie } = await returnFromProvider({ context, people, actor }, back);
        return { body: undefined, redirect: returnTo, cookies: [done, cookie] };
      } catch (error) {
        return { body: undefined, redirect: problemPage(context, error), cookies: [done] };
      }
    },
  }),
];

/** The sign-in page, saying what went wrong. @throws what is no failure of the sign-in */
function problemPage(context: ManagerContext, error: unknown): string {
  if (!(error instanceof ProviderSignInError)) throw error;
  context.logger.warn({ err: error.cause, problem: error.problem }, 'A sign-in through a provider did not work.');
  return `/login?problem=${error.problem}`;
}

function seal(context: ManagerContext, id: string, secret: string): string {
  return context.masterKeys.secretBox().seal(Buffer.from(secret), clientSecretContext(id));
}

function objectOf(row: IdentityProviderTable) {
  return { objectKind: 'identity-provider', objectId: row.id, objectName: row.name };
}

function checkName(name: string): void {
  if (name === LOCAL_SOURCE) throw wrongValue('/name', 'not_allowed', 'This name stands for passwords of our own.');
}

async function checkMapping(
  unit: Unit,
  { roleMapping, defaultRoles }: Pick<z.output<typeof identityProvider>, 'roleMapping' | 'defaultRoles'>,
): Promise<void> {
  await checkRoles(unit, defaultRoles, '/defaultRoles');
  for (const [index, { roles }] of roleMapping.entries()) await checkRoles(unit, roles, `/roleMapping/${index}/roles`);
}

/** People are known by the subject that their provider gave them: another issuer's subjects are other people. */
async function checkNobodyLinked(unit: Unit, name: string): Promise<void> {
  const row = await unit.tx
    .selectFrom('users')
    .select('name')
    .where('source', '=', name)
    .where('subject', 'is not', null)
    .limit(1)
    .executeTakeFirst();
  if (row !== undefined)
    throw new ProblemError(
      'state_conflict',
      `People have signed in through ${name}, ${row.name} for one. Make another identity provider for another issuer.`,
    );
}

async function checkUnused(unit: Unit, name: string): Promise<void> {
  const rows = await unit.tx.selectFrom('users').select('name').where('source', '=', name).limit(20).execute();
  if (rows.length === 0) return;
  const names = rows.map((row) => row.name).join(', ');
  throw new ProblemError('in_use', `People sign in through ${name}: ${names}. Delete them first, or turn it off.`);
}
