/** A version of a project on a server group. */
export interface DeploymentTable {
  id: string;
  project_id: string;
  server_group_id: string;
  /** live, replaced, rolled-back or undeployed. */
  state: string;
}

/** The tables of the change feed, versions, deployments and gateways. */
export interface FeedTables {
  deployments: DeploymentTable;
}
