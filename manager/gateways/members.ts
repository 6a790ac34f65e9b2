import type { ManagerDatabase } from '../database.ts';

/** What a gateway is to do. */
export type GatewayOrder = 'run' | 'drain' | 'removed';

/** A gateway that joined, and whom its certificate names. */
export interface Member {
  readonly id: string;
  readonly name: string;
  readonly serverGroupId: string;
  /** Name of its server group. */
  readonly serverGroup: string;
  /** Serial numbers of the certificates that are let in: the newest, and the one before until the newest was seen. */
  readonly serials: readonly string[];
  readonly certificateEndsAt: number;
  readonly joinedAt: number;
  readonly joinedBy: string;
}

/** Which gateways joined and what each is told: in memory, as the database has it. Asked at every connection of a gateway. */
export interface Members {
  find(gatewayId: string): Member | undefined;
  list(): readonly Member[];
  orderOf(gatewayId: string): GatewayOrder;
  /** Reads the database again, after a change. */
  reload(): Promise<void>;
}

/** Reads them. */
export async function openMembers(db: ManagerDatabase): Promise<Members> {
  let members = new Map<string, Member>();
  let orders = new Map<string, GatewayOrder>();
  const opened: Members = {
    find: (gatewayId) => members.get(gatewayId),
    list: () => [...members.values()],
    orderOf: (gatewayId) => orders.get(gatewayId) ?? 'run',
    async reload() {
      const joined = await db.read
        .selectFrom('joined_gateways')
        .innerJoin('server_groups', 'server_groups.id', 'joined_gateways.server_group_id')
        .selectAll('joined_gateways')
        .select('server_groups.name as group_name')
        .execute();
      const told = await db.read.selectFrom('gateway_orders').selectAll().execute();
      members = new Map(
        joined.map((row) => [
          row.id,
          {
            id: row.id,
            name: row.name,
            serverGroupId: row.server_group_id,
            serverGroup: row.group_name,
            serials: row.previous_serial === null ? [row.serial] : [row.serial, row.previous_serial],
            certificateEndsAt: Number(row.certificate_ends_at),
            joinedAt: Number(row.joined_at),
            joinedBy: row.joined_by,
          },
        ]),
      );
      orders = new Map(told.map(({ gateway_id, state }) => [gateway_id, state === 'removed' ? 'removed' : 'drain']));
    },
  };
  await opened.reload();
  return opened;
}
