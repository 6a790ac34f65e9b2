import { newId } from '#core/id';
import type { Gateway, ServerGroup } from '#core/model/server-group';
import { ProblemError } from '#core/problem';
import { requestDigest, signTicket, TICKET_LIFE_MS, type TryTicket } from '#core/try-ticket';
import type { ManagerContext } from '../context.ts';
import { readHead } from '../feed/append.ts';
import { addressOfGateway, type GatewayAddress } from './gateway-address.ts';
import { callGateway, type GatewayAnswer, type GatewayCall } from './gateway-call.ts';
import { openTicketKey } from './ticket-key.ts';

/** A way through one gateway of a server group. */
export interface Way {
  readonly gateway: Gateway;
  readonly address: GatewayAddress;
  /** Makes a call with a ticket for it. @throws ProblemError `gateway_unreachable`, `gateway_timed_out`, `gateway_tls_failed` */
  call(use: TicketUse, call: Omit<GatewayCall, 'ticket' | 'gateway'>): Promise<GatewayAnswer>;
}

/** What a ticket is for. */
export type TicketUse =
  | { readonly use: 'try' }
  | { readonly use: 'token'; readonly subscriptionId: string }
  | { readonly use: 'check'; readonly url: string };

/**
 * Finds a gateway of a group, the named one or one that is ready, and where it is reached.
 * @throws ProblemError `not_found`, `gateway_unreachable`
 */
export async function openWay(
  context: ManagerContext,
  { group, name, by }: { readonly group: ServerGroup; readonly name: string | undefined; readonly by: string },
): Promise<Way> {
  const { db, services, clock, random, masterKeys } = context;
  const all = services.gateways.list(await readHead(db.read)).filter(({ serverGroup }) => serverGroup === group.name);
  const gateway =
    name === undefined ? all.find(({ state }) => state === 'ready') : all.find((one) => one.name === name);
  if (gateway === undefined)
    throw name === undefined
      ? new ProblemError('gateway_unreachable', `No gateway of ${group.displayName} is ready.`)
      : new ProblemError('not_found', `${group.displayName} has no gateway ${name}.`);
  if (gateway.state === 'lost')
    throw new ProblemError('gateway_unreachable', `The gateway ${gateway.name} has not been heard of for seconds.`);
  const address = await addressOfGateway(gateway);
  const key = await openTicketKey(db.read, masterKeys.secretBox());
  return {
    gateway,
    address,
    async call(use, call) {
      const at = clock.now();
      const ticket: TryTicket = {
        ...{ id: newId('req', random), gatewayId: gateway.id, request: requestDigest(call.method, call.target) },
        ...{ at, endsAt: at + TICKET_LIFE_MS, by, ...use },
      };
      return callGateway(address, { ...call, gateway: gateway.name, ticket: signTicket(ticket, key) }, clock);
    },
  };
}
