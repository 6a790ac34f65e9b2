import type { FeedDeployment, FeedServerGroup } from '#core/change-feed';
import { type CompiledProject, compileDeployment, type DeploymentDeps } from './deployment.ts';
import { type GroupValues, NO_VALUES, valuesKeyOf } from './group-values.ts';
import { compileRouter, PathTakenError, type Router } from './router.ts';

/** Everything that runs at a time. Replaced as a whole, by one assignment. */
export interface DeploymentSet {
  readonly serverGroup: FeedServerGroup;
  readonly router: Router<CompiledProject>;
  /** Token end point projects by the path of their metadata (decision 10). */
  readonly metadata: Router<CompiledProject>;
  /**
   * Host of the authorization URL, when it is another one than that of the public URL: there the sign-in pages are, and nothing else
   * (decision 11).
   */
  readonly authorizationHost: string | undefined;
  /** Authorization end point projects, for that host. */
  readonly authorization: Router<CompiledProject>;
  /** Host of the public URL. */
  readonly publicHost: string | undefined;
  readonly projects: readonly CompiledProject[];
  readonly seq: number;
  /** Exchanges under way on it. */
  active: number;
  retired: boolean;
}

/** A deployment that could not be compiled. `id` is its object id in the feed, `groupId/projectId`. */
export interface RefusedDeployment {
  readonly id: string;
  readonly problem: string;
}

/** What a gateway is to run. */
export interface Applied {
  readonly serverGroup: FeedServerGroup;
  readonly deployments: readonly FeedDeployment[];
  /** What selectors in settings stand for; left out: there are none. */
  readonly values?: GroupValues;
  /** The feed number at which this was so. */
  readonly seq: number;
}

/** The outcome of compiling aside. */
export interface Compiled {
  /** undefined: the old set goes on. */
  readonly set: DeploymentSet | undefined;
  readonly refused: readonly RefusedDeployment[];
}

/**
 * Compiles a set beside the running one. A deployment that runs already is taken over as it is. When one cannot be compiled, the whole old
 * set goes on (decision 26); with no old set the others run without it.
 */
export function compileSet(applied: Applied, old: DeploymentSet | undefined, deps: DeploymentDeps): Compiled {
  const { serverGroup, deployments, values = NO_VALUES, seq } = applied;
  const reusable = new Map(
    old !== undefined && isSameGroup(old.serverGroup, serverGroup)
      ? old.projects.map((project) => [project.deploymentId, project])
      : [],
  );
  const refused: RefusedDeployment[] = [];
  const fresh: CompiledProject[] = [];
  let projects: CompiledProject[] = [];
  for (const deployment of deployments) {
    const known = reusable.get(deployment.deploymentId);
    // a variable or secret that it uses may have changed
    if (known !== undefined && known.valuesKey === valuesKeyOf(deployment.snapshot.policies, values)) {
      projects.push(known);
      continue;
    }
    try {
      const compiled = compileDeployment(deployment, { serverGroup, values }, deps);
      fresh.push(compiled);
      projects.push(compiled);
    } catch (error) {
      refused.push({ id: `${deployment.serverGroupId}/${deployment.projectId}`, problem: problemOf(error) });
    }
  }
  let router: Router<CompiledProject> | undefined;
  while (router === undefined) {
    try {
      router = compileRouter(projects.map((value) => ({ contextPath: value.contextPath, hosts: value.hosts, value })));
    } catch (error) {
      if (!(error instanceof PathTakenError)) throw error;
      refused.push({ id: `${serverGroup.id}/${error.value.id}`, problem: error.message });
      projects = projects.filter((project) => project !== error.value);
    }
  }
  if (refused.length > 0 && old !== undefined) {
    for (const project of fresh) project.release();
    return { set: undefined, refused };
  }
  for (const project of fresh) if (!projects.includes(project)) project.release();
  for (const project of projects) project.holders += 1;
  const routerOf = (some: readonly CompiledProject[]) =>
    compileRouter(some.map((value) => ({ contextPath: value.contextPath, hosts: value.hosts, value })));
  const metadata = routerOf(projects.filter(({ tokenEndpoint }) => tokenEndpoint));
  const authorization = routerOf(projects.filter(({ authorizationEndpoint }) => authorizationEndpoint));
  const places = { router, metadata, authorization, ...hostsOf(serverGroup) };
  return { set: { serverGroup, ...places, projects, seq, active: 0, retired: false }, refused };
}

function hostsOf({ publicUrl, authorizationUrl }: FeedServerGroup): {
  readonly authorizationHost: string | undefined;
  readonly publicHost: string | undefined;
} {
  const hostOf = (url: string | undefined) => (url === undefined ? undefined : URL.parse(url)?.hostname.toLowerCase());
  const publicHost = hostOf(publicUrl);
  const host = hostOf(authorizationUrl);
  return { publicHost, authorizationHost: host === publicHost ? undefined : host };
}

/** Lets go of a set that was replaced, once no exchange runs on it. */
export function releaseWhenIdle(set: DeploymentSet): void {
  if (!set.retired || set.active > 0) return;
  for (const project of set.projects) {
    project.holders -= 1;
    if (project.holders === 0) project.release();
  }
}

/** Policies are compiled with these; a change of anything else of the group needs no new compilation. */
function isSameGroup(a: FeedServerGroup, b: FeedServerGroup): boolean {
  return (
    a.id === b.id &&
    a.name === b.name &&
    a.publicUrl === b.publicUrl &&
    a.authorizationUrl === b.authorizationUrl &&
    a.whenStale === b.whenStale
  );
}

function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : 'unknown error';
  const pointer =
    error instanceof Error && 'pointer' in error && typeof error.pointer === 'string' ? error.pointer : '';
  return pointer === '' ? message : `${message} (${pointer})`;
}
