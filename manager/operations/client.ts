import { sql } from 'kysely';
import { newId } from '#core/id';
import { type Client, client, createClient, patchClient, stateChange } from '#core/model/client';
import { keepsSecretReadable } from '#core/model/client-rules';
import { booleanFilter, listQuery, listRecords, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';
import { clientData, getClientRow, parseClient, publishClient, standingColumns } from '../records/client.ts';
import { changedRecordColumns, checkNameFree, nameFor, newRecordColumns } from '../records/record.ts';
import { buryStandings } from '../records/standing-tombstone.ts';
import { pagesOfSubscriptions } from '../records/subscription.ts';
import { checkClientSettings, defaultAuthMethod, withChanges } from '../registry/client-settings.ts';
import { deleteSubscription } from '../registry/delete-subscription.ts';
import { hideReadableSecrets } from '../registry/readable-secrets.ts';
import { checkRevision } from '../revision.ts';
import type { ClientTable } from '../tables.ts';
import { change, type Unit } from '../unit-of-work.ts';

/** Clients: registered OAuth clients. */
export const clientOperations = [
  operation({
    id: 'clients.list',
    method: 'GET',
    path: '/clients',
    permission: 'clients:read',
    summary: 'List the clients.',
    query: listQuery({ active: booleanFilter.optional().describe('true: enabled ones only; false: disabled ones.') }),
    response: pageOf(client),
    handler: async ({ context, query }) => {
      const conditions = query.active === undefined ? [] : [sql`active = ${query.active ? 1 : 0}`];
      const page = await listRecords<ClientTable>(context.db.read, 'clients', query, conditions);
      return { body: { ...page, items: page.items.map(parseClient) } };
    },
  }),
  operation({
    id: 'clients.create',
    method: 'POST',
    path: '/clients',
    permission: 'clients:write',
    summary: 'Register a client.',
    body: createClient,
    response: client,
    status: 201,
    handler: async ({ context, actor, body }) => {
      const name = nameFor(body.name, body.displayName);
      const { kind, authMethod = defaultAuthMethod(kind) } = body;
      checkClientSettings({ ...body, authMethod });
      const created = await change(context, actor, async (unit) => {
        await checkNameFree(unit.tx, 'clients', 'client', name);
        const { displayName } = body;
        const record = { id: newId('cli', context.random), name, displayName, data: clientData(body) };
        const row: ClientTable = {
          ...newRecordColumns(unit, record),
          kind,
          auth_method: authMethod,
          active: 1,
          generation: 1,
          ...standingColumns(unit, undefined),
        };
        await unit.tx.insertInto('clients').values(row).execute();
        publishClient(unit, row);
        const made = parseClient(row);
        unit.audit({ ...objectOf(made), sentence: `Client ${name} was registered.`, after: made });
        return made;
      });
      return { body: created, revision: created.revision, location: `/clients/${created.name}` };
    },
  }),
  operation({
    id: 'clients.get',
    method: 'GET',
    path: '/clients/:client',
    permission: 'clients:read',
    summary: 'Read a client.',
    params: pathParams('client'),
    response: client,
    handler: async ({ context, params }) => {
      const row = await getClientRow(context.db.read, params.client);
      return { body: parseClient(row), revision: row.revision };
    },
  }),
  operation({
    id: 'clients.update',
    method: 'PATCH',
    path: '/clients/:client',
    permission: 'clients:write',
    summary: 'Change a client.',
    params: pathParams('client'),
    body: patchClient,
    response: client,
    ifMatch: true,
    handler: async ({ context, actor, params, body, ifMatch }) => {
      const changed = await change(context, actor, async (unit) => {
        const row = await getClientRow(unit.tx, params.client);
        checkRevision(ifMatch, row.revision);
        const before = parseClient(row);
        const wanted = withChanges(before, body);
        checkClientSettings(wanted);
        const { displayName } = wanted;
        const columns = {
          ...changedRecordColumns(unit, row, { displayName, data: clientData(wanted) }),
          auth_method: wanted.authMethod,
        };
        await unit.tx.updateTable('clients').set(columns).where('id', '=', row.id).execute();
        publishClient(unit, { ...row, ...columns });
        if (!keepsSecretReadable(wanted.authMethod)) await hideReadableSecrets(unit, row.id);
        const after = parseClient({ ...row, ...columns });
        unit.audit({ ...objectOf(after), sentence: `Client ${after.name} was changed.`, before, after });
        return after;
      });
      return { body: changed, revision: changed.revision };
    },
  }),
  operation({
    id: 'clients.delete',
    method: 'DELETE',
    path: '/clients/:client',
    permission: 'clients:write',
    summary: 'Delete a client with its subscriptions and keys, and revoke its tokens.',
    params: pathParams('client'),
    ifMatch: true,
    handler: async ({ context, actor, params, ifMatch }) => {
      await change(context, actor, async (unit) => {
        const row = await getClientRow(unit.tx, params.client);
        checkRevision(ifMatch, row.revision);
        let subscriptions = 0;
        for await (const page of pagesOfSubscriptions(unit.tx, 'client_id', row.id))
          for (const subscription of page) {
            await deleteSubscription(unit, subscription);
            subscriptions += 1;
          }
        await unit.tx.deleteFrom('clients').where('id', '=', row.id).execute();
        const { id, generation } = row;
        await buryStandings(unit, [{ kind: 'client', id, feedKind: 'client', feedId: id, generation }]);
        unit.publish('client', id, undefined);
        const before = parseClient(row);
        const sentence = `Client ${row.name} was deleted with ${subscriptions} subscription${subscriptions === 1 ? '' : 's'}; its tokens are revoked.`;
        unit.audit({ ...objectOf(before), sentence, before });
      });
      return { body: undefined };
    },
  }),
  standingOperation({
    act: 'enable',
    summary: 'Enable a client again.',
    changed: 'was enabled',
    next: (row) => (row.active === 1 ? undefined : { active: 1, generation: row.generation }),
  }),
  standingOperation({
    act: 'disable',
    summary: 'Disable a client: its token requests and its tokens are refused at once, until it is enabled.',
    changed: 'was disabled',
    next: (row) => (row.active === 0 ? undefined : { active: 0, generation: row.generation }),
  }),
  standingOperation({
    act: 'revoke-tokens',
    summary: 'Revoke every token of a client. It can get new ones.',
    changed: 'had all its tokens revoked',
    next: (row) => ({ active: row.active, generation: row.generation + 1 }),
  }),
];

interface StandingAct {
  readonly act: 'enable' | 'disable' | 'revoke-tokens';
  readonly summary: string;
  /** What the audit trail says. */
  readonly changed: string;
  /** The new standing; undefined: it is so already, nothing is written. */
  next(row: ClientTable): { readonly active: number; readonly generation: number } | undefined;
}

function standingOperation(act: StandingAct) {
  return operation({
    id: `clients.${act.act === 'revoke-tokens' ? 'revokeTokens' : act.act}`,
    method: 'POST',
    path: `/clients/:client/${act.act}`,
    permission: 'clients:write',
    summary: act.summary,
    params: pathParams('client'),
    body: stateChange,
    response: client,
    handler: async ({ context, actor, params, body }) => {
      const seen = await getClientRow(context.db.read, params.client);
      if (act.next(seen) === undefined) return { body: parseClient(seen), revision: seen.revision };
      const after = await change(context, actor, (unit) => changeStanding(unit, act, { id: seen.id, ...body }));
      return { body: after, revision: after.revision };
    },
  });
}

async function changeStanding(
  unit: Unit,
  act: StandingAct,
  request: { readonly id: string; readonly reason?: string | undefined },
): Promise<Client> {
  const row = await getClientRow(unit.tx, request.id);
  const columns = {
    ...changedRecordColumns(unit, row, {}),
    ...(act.next(row) ?? {}),
    ...standingColumns(unit, request.reason),
  };
  await unit.tx.updateTable('clients').set(columns).where('id', '=', row.id).execute();
  publishClient(unit, { ...row, ...columns });
  const after = parseClient({ ...row, ...columns });
  const because = request.reason === undefined ? '' : `: ${request.reason}`;
  unit.audit({
    ...objectOf(after),
    sentence: `Client ${row.name} ${act.changed}${because}.`,
    before: parseClient(row),
    after,
  });
  return after;
}

function objectOf(value: Client) {
  return { objectKind: 'client', objectId: value.id, objectName: value.name };
}
