import type { FeedClient, FeedDeployment, FeedKind, FeedServerGroup } from '#core/change-feed';

/** The server group of {@link deployment}. */
export const serverGroup: FeedServerGroup = {
  id: 'grp_1',
  name: 'local',
  displayName: 'Local',
  publicUrl: '',
  errorDetail: 'standard',
  whenStale: 'refuse',
};

/** A client of this name. */
export function client(id: string, displayName = id, generation = 0): FeedClient {
  return {
    id,
    name: id,
    displayName,
    kind: 'server',
    authMethod: 'client_secret',
    active: true,
    generation,
    changedBy: 'local',
    changedAt: 0,
  };
}

/** A version of a project without anything in it. */
export function deployment(projectId: string, version = 1, displayName = projectId): FeedDeployment {
  const endpoints = { proxyRequest: [], targetRequest: [], targetResponse: [], proxyResponse: [] };
  return {
    deploymentId: `dep_${projectId}_${version}`,
    projectId,
    serverGroupId: serverGroup.id,
    version,
    snapshot: {
      project: {
        id: projectId,
        name: projectId,
        kind: 'http',
        displayName,
        contextPath: `/${projectId}`,
        hosts: [],
        description: '',
        keepContextPath: false,
        allowPathForms: [],
        trailingSlash: 'ignore',
        endpoints,
        secureWith: 'none',
      },
      policies: [],
      resources: [],
      targets: [],
    },
  };
}

/** An object as it is committed to a feed. */
export interface FeedObject {
  readonly kind: FeedKind;
  readonly id: string;
  readonly payload?: unknown;
}

/** These as objects of a feed. */
export const objects = {
  group: { kind: 'server-group', id: serverGroup.id, payload: serverGroup } satisfies FeedObject,
  client: (id: string, displayName?: string): FeedObject => ({ kind: 'client', id, payload: client(id, displayName) }),
  deployment: (id: string, version?: number, displayName?: string): FeedObject => ({
    kind: 'deployment',
    id: `grp_1/${id}`,
    payload: deployment(id, version, displayName),
  }),
};
