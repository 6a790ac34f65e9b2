import * as z from 'zod';
import {
  createTokenStore,
  migrateTokenStore,
  patchTokenStore,
  type TokenStoreView,
  tokenStoreTest,
  tokenStoreView,
} from '#core/model/token-store';
import { ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import { wrongValue } from '../http/validation.ts';
import { listQuery, listRecords, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';
import { changedRecordColumns, checkNameFree, nameFor } from '../records/record.ts';
import {
  getTokenStoreRow,
  parseTokenStore,
  placeOfRow,
  publishTokenStore,
  type StoredTokenStore,
} from '../records/token-store.ts';
import { checkRevision } from '../revision.ts';
import { beginMove } from '../token-stores/begin-move.ts';
import { becomeDefault } from '../token-stores/default.ts';
import { checkHealth } from '../token-stores/health.ts';
import { insertTokenStore, sealPassword, tokenStoreObject } from '../token-stores/make.ts';
import { patchSettings, placeFrom, splitCreate } from '../token-stores/rules.ts';
import type { TokenStoreTable } from '../token-stores/tables.ts';
import { checkNotMoving, checkStoreUnused, listStoreUses } from '../token-stores/uses.ts';
import { change } from '../unit-of-work.ts';

const USES_SHOWN = 100;

/** Access token stores: where tokens, codes, refresh tokens, grants and consents are kept. */
export const tokenStoreOperations = [
  operation({
    id: 'tokenStores.list',
    method: 'GET',
    path: '/token-stores',
    permission: 'token-stores:read',
    summary: 'List the token stores, with how each does.',
    query: listQuery({}),
    response: pageOf(tokenStoreView),
    handler: async ({ context, query }) => {
      const page = await listRecords<TokenStoreTable>(context.db.read, 'token_stores', query);
      const { kind } = context.tokenStores.configured;
      const items = await viewAll(
        context,
        page.items.map((row) => parseTokenStore(row, kind)),
      );
      return { body: { ...page, items } };
    },
  }),
  operation({
    id: 'tokenStores.create',
    method: 'POST',
    path: '/token-stores',
    permission: 'token-stores:write',
    summary: 'Add a token store. It is opened at once; policies may name it.',
    body: createTokenStore,
    response: tokenStoreView,
    status: 201,
    handler: async ({ context, actor, body }) => {
      const name = nameFor(body.name, body.displayName);
      const { settings, password } = splitCreate(body);
      const made = await change(context, actor, async (unit) => {
        await checkNameFree(unit.tx, 'token_stores', 'token store', name);
        const { displayName, kind } = body;
        return insertTokenStore(unit, context, { name, displayName, kind, settings, password });
      });
      return { body: await view(context, made), revision: made.revision, location: `/token-stores/${name}` };
    },
  }),
  operation({
    id: 'tokenStores.test',
    method: 'POST',
    path: '/token-stores/test',
    permission: 'token-stores:write',
    summary:
      'Open a token store as it would be added, write, read and take away a record, and close it. Nothing is saved.',
    body: createTokenStore.partial({ displayName: true }),
    response: tokenStoreTest,
    handler: async ({ context, actor, body }) => {
      const place = placeFrom(body.kind, splitCreate(body));
      await change(context, actor, async (unit) =>
        unit.audit({
          ...{ objectKind: 'token-store', objectId: '', objectName: body.name ?? body.kind },
          sentence: `A token store of the kind ${body.kind} was tested.`,
        }),
      );
      return { body: await context.tokenStores.test(place, body.name) };
    },
  }),
  operation({
    id: 'tokenStores.get',
    method: 'GET',
    path: '/token-stores/:tokenStore',
    permission: 'token-stores:read',
    summary: 'Read a token store, with how it does and who uses it.',
    params: pathParams('tokenStore'),
    response: tokenStoreView,
    handler: async ({ context, params }) => {
      const row = await getTokenStoreRow(context.db.read, params.tokenStore);
      const stored = parseTokenStore(row, context.tokenStores.configured.kind);
      return { body: await view(context, stored), revision: row.revision };
    },
  }),
  operation({
    id: 'tokenStores.update',
    method: 'PATCH',
    path: '/token-stores/:tokenStore',
    permission: 'token-stores:write',
    summary: 'Change a token store: its settings and password, not its kind.',
    params: pathParams('tokenStore'),
    body: patchTokenStore,
    response: tokenStoreView,
    ifMatch: true,
    handler: async ({ context, actor, params, body, ifMatch }) => {
      const changed = await change(context, actor, async (unit) => {
        const row = await getTokenStoreRow(unit.tx, params.tokenStore);
        checkRevision(ifMatch, row.revision);
        const before = parseTokenStore(row, context.tokenStores.configured.kind);
        const { displayName = row.display_name, ...rest } = body;
        if (before.isConfigured && Object.keys(rest).length > 0) throw changedElsewhere(rest);
        const { settings, password } = patchSettings(before, body);
        const columns = {
          ...changedRecordColumns(unit, row, { displayName, data: settings }),
          ...(password !== undefined && { credentials: sealPassword(context, row.id, password) }),
        };
        await unit.tx.updateTable('token_stores').set(columns).where('id', '=', row.id).execute();
        publishTokenStore(unit, { ...row, ...columns });
        const after = parseTokenStore({ ...row, ...columns }, context.tokenStores.configured.kind);
        unit.audit({ ...tokenStoreObject(row), sentence: `Token store ${row.name} was changed.`, before, after });
        return after;
      });
      return { body: await view(context, changed), revision: changed.revision };
    },
  }),
  operation({
    id: 'tokenStores.makeDefault',
    method: 'POST',
    path: '/token-stores/:tokenStore/make-default',
    permission: 'token-stores:write',
    summary:
      'Make a token store the default: what is new goes there where a policy names none. What was issued stays usable.',
    params: pathParams('tokenStore'),
    response: tokenStoreView,
    handler: async ({ context, actor, params }) => {
      const made = await change(context, actor, async (unit) => {
        const row = await getTokenStoreRow(unit.tx, params.tokenStore);
        const before = parseTokenStore(row, context.tokenStores.configured.kind);
        const after = parseTokenStore(await becomeDefault(unit, row), context.tokenStores.configured.kind);
        unit.audit({
          ...tokenStoreObject(row),
          sentence: `Token store ${row.name} was made the default.`,
          ...{ before, after },
        });
        return after;
      });
      return { body: await view(context, made), revision: made.revision };
    },
  }),
  operation({
    id: 'tokenStores.migrate',
    method: 'POST',
    path: '/token-stores/:tokenStore/migrate',
    permission: 'token-stores:write',
    summary:
      'Migrate all that a token store keeps into another one, while both serve. What is new goes there at once; how far the rest is stands in `migration`. Asking again changes nothing while it is under way.',
    params: pathParams('tokenStore'),
    body: migrateTokenStore,
    response: tokenStoreView,
    handler: async ({ context, actor, params, body }) => {
      const row = await change(context, actor, async (unit) => {
        await beginMove(unit, context, await getTokenStoreRow(unit.tx, params.tokenStore), body.to);
        return getTokenStoreRow(unit.tx, params.tokenStore);
      });
      const stored = parseTokenStore(row, context.tokenStores.configured.kind);
      return { body: await view(context, stored), revision: row.revision };
    },
  }),
  operation({
    id: 'tokenStores.testStored',
    method: 'POST',
    path: '/token-stores/:tokenStore/test',
    permission: 'token-stores:write',
    summary: 'Open a token store anew, write, read and take away a record, and close it.',
    params: pathParams('tokenStore'),
    body: z.strictObject({}).optional(),
    response: tokenStoreTest,
    handler: async ({ context, actor, params }) => {
      const row = await getTokenStoreRow(context.db.read, params.tokenStore);
      const place = placeOfRow(row, context.masterKeys.secretBox());
      await change(context, actor, async (unit) =>
        unit.audit({ ...tokenStoreObject(row), sentence: `Token store ${row.name} was tested.` }),
      );
      return { body: await context.tokenStores.test(place, row.name) };
    },
  }),
  operation({
    id: 'tokenStores.delete',
    method: 'DELETE',
    path: '/token-stores/:tokenStore',
    permission: 'token-stores:write',
    summary:
      'Delete a token store that no policy names and that is not the default. What it keeps is not touched; its tokens are unknown from then on.',
    params: pathParams('tokenStore'),
    ifMatch: true,
    handler: async ({ context, actor, params, ifMatch }) => {
      await change(context, actor, async (unit) => {
        const row = await getTokenStoreRow(unit.tx, params.tokenStore);
        checkRevision(ifMatch, row.revision);
        const before = parseTokenStore(row, context.tokenStores.configured.kind);
        if (before.isConfigured)
          throw new ProblemError('state_conflict', 'The store of the configuration is always there.');
        if (before.isDefault)
          throw new ProblemError(
            'in_use',
            `${row.name} is the default token store. Make another one the default first.`,
          );
        await checkNotMoving(unit.tx, row);
        await checkStoreUnused(context, unit.tx, row.name);
        await unit.tx.deleteFrom('token_stores').where('id', '=', row.id).execute();
        unit.publish('token-store', row.id, undefined);
        unit.audit({ ...tokenStoreObject(row), sentence: `Token store ${row.name} was deleted.`, before });
      });
      return { body: undefined };
    },
  }),
];

async function view(context: ManagerContext, stored: StoredTokenStore): Promise<TokenStoreView> {
  const [shown] = await viewAll(context, [stored]);
  return shown as TokenStoreView;
}

async function viewAll(context: ManagerContext, stored: readonly StoredTokenStore[]): Promise<TokenStoreView[]> {
  const opened = context.tokenStores.opened();
  const uses = await listStoreUses(context, context.db.read);
  return Promise.all(
    stored.map(async (one) => ({
      ...one,
      usedBy: uses
        .filter(({ store }) => store === one.name)
        .slice(0, USES_SHOWN)
        .map(({ project, policy }) => ({ project, policy })),
      health: await checkHealth(
        opened.find(({ name }) => name === one.name),
        context.clock,
      ),
    })),
  );
}

function changedElsewhere(rest: object): ProblemError {
  const [field = ''] = Object.keys(rest);
  return wrongValue(
    `/${field}`,
    'not_allowed',
    'This store is set in the configuration: change tokenStore.url there and start again.',
  );
}
