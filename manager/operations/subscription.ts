import { newId } from '#core/id';
import type { RegisteredScope } from '#core/model/scope';
import { createSubscription, patchSubscription, type Subscription, subscription } from '#core/model/subscription';
import { type ProblemDetail, ProblemError } from '#core/problem';
import { validationFailed, wrongValue } from '../http/validation.ts';
import { listQuery, listRecords, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';
import { getClientRow, standingColumns } from '../records/client.ts';
import { getProduct } from '../records/product.ts';
import { changedRecordColumns, checkNameFree, newRecordColumns } from '../records/record.ts';
import {
  getSubscriptionRow,
  narrowedScopes,
  publishSubscription,
  withName,
  withNames,
} from '../records/subscription.ts';
import { deleteSubscription } from '../registry/delete-subscription.ts';
import { scopeListErrors } from '../registry/scopes.ts';
import { subscriptionConditions, subscriptionFilters } from '../registry/subscription-filter.ts';
import { checkRevision } from '../revision.ts';
import type { SubscriptionTable } from '../tables.ts';
import { change } from '../unit-of-work.ts';

/** Client subscriptions: a client's subscription to a product. What changes their state is in subscription-state.ts. */
export const subscriptionOperations = [
  operation({
    id: 'subscriptions.list',
    method: 'GET',
    path: '/subscriptions',
    permission: 'subscriptions:read',
    summary: 'List the client subscriptions.',
    query: listQuery(subscriptionFilters),
    response: pageOf(subscription),
    handler: async ({ context, query }) => {
      const now = context.clock.now();
      const conditions = await subscriptionConditions(context.db.read, query, now);
      const page = await listRecords<SubscriptionTable>(context.db.read, 'subscriptions', query, conditions);
      return { body: { ...page, items: await withNames(context.db.read, page.items, now) } };
    },
  }),
  operation({
    id: 'subscriptions.create',
    method: 'POST',
    path: '/subscriptions',
    permission: 'subscriptions:write',
    summary: 'Subscribe a client to a product. Generate its keys afterwards.',
    body: createSubscription,
    response: subscription,
    status: 201,
    handler: async ({ context, actor, body }) => {
      const created = await change(context, actor, async (unit) => {
        const client = await getClientRow(unit.tx, body.client).catch(pointAt('/client'));
        const { row: productRow, product } = await getProduct(unit.tx, body.product).catch(pointAt('/product'));
        const name = body.name ?? `${client.name}-${productRow.name}`.slice(0, 64).replace(/-+$/, '');
        await checkNameFree(unit.tx, 'subscriptions', 'subscription', name);
        if (product.state !== 'published')
          throw new ProblemError(
            'state_conflict',
            `The product ${product.name} is ${product.state}: it takes no new subscriptions.`,
          );
        const errors = [...scopeErrors(body.scopes, product.scopes), ...timeErrors(body.startsAt, body.endsAt)];
        if (errors.length > 0) throw validationFailed(errors);
        const data = body.scopes === undefined ? {} : { scopes: body.scopes };
        const row: SubscriptionTable = {
          ...newRecordColumns(unit, { id: newId('sub', context.random), name, displayName: name, data }),
          client_id: client.id,
          product_id: productRow.id,
          state: product.approval === 'automatic' ? 'active' : 'pending',
          starts_at: body.startsAt ?? null,
          ends_at: body.endsAt ?? null,
          consumer_key: null,
          generation: 1,
          ...standingColumns(unit, undefined),
        };
        await unit.tx.insertInto('subscriptions').values(row).execute();
        publishSubscription(unit, row, product);
        const made = await withName(unit.tx, row, unit.now);
        const sentence = `Client ${client.name} was subscribed to ${product.name} (${made.state}).`;
        unit.audit({ ...objectOf(made), sentence, after: made });
        return made;
      });
      return { body: created, revision: created.revision, location: `/subscriptions/${created.name}` };
    },
  }),
  operation({
    id: 'subscriptions.get',
    method: 'GET',
    path: '/subscriptions/:subscription',
    permission: 'subscriptions:read',
    summary: 'Read a subscription.',
    params: pathParams('subscription'),
    response: subscription,
    handler: async ({ context, params }) => {
      const row = await getSubscriptionRow(context.db.read, params.subscription);
      return { body: await withName(context.db.read, row, context.clock.now()), revision: row.revision };
    },
  }),
  operation({
    id: 'subscriptions.update',
    method: 'PATCH',
    path: '/subscriptions/:subscription',
    permission: 'subscriptions:write',
    summary: 'Change the scopes, start or end of a subscription.',
    params: pathParams('subscription'),
    body: patchSubscription,
    response: subscription,
    ifMatch: true,
    handler: async ({ context, actor, params, body, ifMatch }) => {
      const changed = await change(context, actor, async (unit) => {
        const row = await getSubscriptionRow(unit.tx, params.subscription);
        checkRevision(ifMatch, row.revision);
        const { product } = await getProduct(unit.tx, row.product_id);
        const scopes = body.scopes === undefined ? narrowedScopes(row) : (body.scopes ?? undefined);
        const startsAt = body.startsAt === undefined ? row.starts_at : body.startsAt;
        const endsAt = body.endsAt === undefined ? row.ends_at : body.endsAt;
        const errors = [
          ...(body.scopes === undefined ? [] : scopeErrors(scopes, product.scopes)),
          ...timeErrors(startsAt ?? undefined, endsAt ?? undefined),
        ];
        if (errors.length > 0) throw validationFailed(errors);
        const columns = {
          ...changedRecordColumns(unit, row, { data: scopes === undefined ? {} : { scopes } }),
          starts_at: startsAt,
          ends_at: endsAt,
        };
        await unit.tx.updateTable('subscriptions').set(columns).where('id', '=', row.id).execute();
        publishSubscription(unit, { ...row, ...columns }, product);
        const before = await withName(unit.tx, row, unit.now);
        const after = await withName(unit.tx, { ...row, ...columns }, unit.now);
        unit.audit({ ...objectOf(after), sentence: `Subscription ${after.name} was changed.`, before, after });
        return after;
      });
      return { body: changed, revision: changed.revision };
    },
  }),
  operation({
    id: 'subscriptions.delete',
    method: 'DELETE',
    path: '/subscriptions/:subscription',
    permission: 'subscriptions:write',
    summary: 'Delete a subscription with its keys, and revoke its tokens.',
    params: pathParams('subscription'),
    ifMatch: true,
    handler: async ({ context, actor, params, ifMatch }) => {
      await change(context, actor, async (unit) => {
        const row = await getSubscriptionRow(unit.tx, params.subscription);
        checkRevision(ifMatch, row.revision);
        const before = await withName(unit.tx, row, unit.now);
        await deleteSubscription(unit, row);
        const sentence = `Subscription ${row.name} was deleted with its keys; its tokens are revoked.`;
        unit.audit({ ...objectOf(before), sentence, before });
      });
      return { body: undefined };
    },
  }),
];

function objectOf(value: Subscription) {
  return { objectKind: 'subscription', objectId: value.id, objectName: value.name };
}

/** Turns "there is no client x" into a wrong value of the body. */
function pointAt(pointer: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof ProblemError && error.code === 'not_found')
      throw wrongValue(pointer, 'not_found', error.message);
    throw error;
  };
}

function scopeErrors(
  scopes: readonly RegisteredScope[] | undefined,
  offered: readonly RegisteredScope[],
): ProblemDetail[] {
  return scopes === undefined ? [] : scopeListErrors(scopes, offered);
}

function timeErrors(startsAt: number | undefined, endsAt: number | undefined): ProblemDetail[] {
  if (startsAt === undefined || endsAt === undefined || startsAt < endsAt) return [];
  return [{ pointer: '/endsAt', code: 'too_small', message: 'The end must be after the start.' }];
}
