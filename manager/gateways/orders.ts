import type { Gateway } from '#core/model/server-group';
import { ProblemError } from '#core/problem';
import type { GroupName } from '../access/principal.ts';
import type { ManagerContext } from '../context.ts';
import { readHead } from '../feed/append.ts';
import { notFound } from '../records/record.ts';
import { type Actor, change } from '../unit-of-work.ts';

/** A gateway and its server group. */
export interface FoundGateway {
  readonly gateway: Gateway;
  readonly group: GroupName;
}

/** A gateway by id, or by a name that only one has. @throws ProblemError `not_found`, `state_conflict` when several have the name */
export async function findGateway(context: ManagerContext, reference: string): Promise<FoundGateway> {
  const all = context.services.gateways.list(await readHead(context.db.read));
  const named = all.filter(({ name }) => name === reference);
  const gateway = all.find(({ id }) => id === reference) ?? named[0];
  if (gateway === undefined) throw notFound('gateway', reference);
  if (gateway.id !== reference && named.length > 1)
    throw new ProblemError('state_conflict', `${named.length} gateways are named ${reference}. Say which, by its id.`, {
      fixes: named.map(({ id, serverGroup }) => ({
        text: `The one in ${serverGroup}.`,
        command: `gatewright gateway get ${id}`,
      })),
    });
  const group = await context.db.read
    .selectFrom('server_groups')
    .select(['name', 'display_name'])
    .where('name', '=', gateway.serverGroup)
    .executeTakeFirst();
  return { gateway, group: { name: gateway.serverGroup, displayName: group?.display_name ?? gateway.serverGroup } };
}

/** Tells a gateway to drain, or to take calls again. It hears of it at once, over its feed; one that is away hears of it when it is back. */
export async function orderGateway(
  context: ManagerContext,
  actor: Actor,
  { gateway, group, order }: FoundGateway & { readonly order: 'run' | 'drain' },
): Promise<void> {
  const { members } = context.services;
  if (members.orderOf(gateway.id) === order) return;
  await change(context, actor, async (unit) => {
    await unit.tx.deleteFrom('gateway_orders').where('gateway_id', '=', gateway.id).execute();
    if (order === 'drain')
      await unit.tx
        .insertInto('gateway_orders')
        .values({ gateway_id: gateway.id, state: 'draining', changed_at: unit.now, changed_by: unit.actor.name })
        .execute();
    unit.audit({
      ...objectOf(gateway),
      sentence:
        order === 'drain'
          ? `Gateway ${gateway.name} in ${group.displayName} was told to drain.`
          : `Gateway ${gateway.name} in ${group.displayName} takes calls again.`,
    });
  });
  await takeEffect(context);
}

/**
 * Removes a gateway: its feed ends at once, and neither its certificate nor its id is let in again. Its name is free.
 */
export async function removeGateway(
  context: ManagerContext,
  actor: Actor,
  { gateway, group }: FoundGateway,
): Promise<void> {
  await change(context, actor, async (unit) => {
    await unit.tx.deleteFrom('gateway_orders').where('gateway_id', '=', gateway.id).execute();
    await unit.tx
      .insertInto('gateway_orders')
      .values({ gateway_id: gateway.id, state: 'removed', changed_at: unit.now, changed_by: unit.actor.name })
      .execute();
    await unit.tx.deleteFrom('joined_gateways').where('id', '=', gateway.id).execute();
    const { name, serverGroup, address, joined } = gateway;
    unit.audit({
      ...objectOf(gateway),
      sentence: `Gateway ${gateway.name} was removed from ${group.displayName}.`,
      before: { name, serverGroup, address, ...(joined !== undefined && { joined }) },
    });
  });
  context.services.gateways.forget(gateway.id);
  await takeEffect(context);
}

/** Every feed looks anew at what its gateway is told. */
async function takeEffect({ services }: ManagerContext): Promise<void> {
  await services.members.reload();
  services.feedSignal.wake();
  services.gateways.signal.wake();
}

function objectOf({ id, name }: Gateway) {
  return { objectKind: 'gateway', objectId: id, objectName: name };
}
