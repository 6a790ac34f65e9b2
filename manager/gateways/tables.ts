/** A token with which one gateway may join. Its text is not kept. */
export interface JoinTokenTable {
  id: string;
  server_group_id: string;
  /** SHA-256 of its secret part. */
  hash: string;
  created_at: number;
  created_by: string;
  ends_at: number;
  used_at: number | null;
  gateway_id: string | null;
}

/** A gateway that joined: whom its certificate names. Gone when it was removed. */
export interface JoinedGatewayTable {
  id: string;
  /** Unique in its server group. */
  name: string;
  server_group_id: string;
  /** Serial number of its certificate, upper-case hex. */
  serial: string;
  /** The certificate before it, until the new one was seen: a renewal's answer may have been lost. */
  previous_serial: string | null;
  certificate_ends_at: number;
  joined_at: number;
  /** Who made the join token. */
  joined_by: string;
}

/** What a gateway is told; without a row: to take calls. */
export interface GatewayOrderTable {
  gateway_id: string;
  /** draining or removed. A removed one is refused for ever: its id is never given again. */
  state: string;
  changed_at: number;
  changed_by: string;
}

/** A variable or secret of a server group. */
export interface GroupVariableTable {
  server_group_id: string;
  name: string;
  /** 1: `value` is sealed (context: table "group_variables", row the group's id, column its name). */
  secret: number;
  value: string;
  updated_at: number;
  updated_by: string;
}

/** The tables of joined gateways and of variables. */
export interface GatewayTables {
  join_tokens: JoinTokenTable;
  joined_gateways: JoinedGatewayTable;
  gateway_orders: GatewayOrderTable;
  group_variables: GroupVariableTable;
}
