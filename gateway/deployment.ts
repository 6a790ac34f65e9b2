import type { FeedDeployment, FeedServerGroup } from '#core/change-feed';
import { ConfigurationError } from '#core/errors';
import type { Histogram } from '#core/metrics';
import { DEFAULT_RESOURCE } from '#core/model/resource';
import type { AnyPolicyType, PolicyServices } from '#core/policy';
import { type EndpointsOfProject, noteEndpoints } from './deployed-endpoints.ts';
import { type GroupValues, valuesKeyOf } from './group-values.ts';
import type { AllowedForm } from './path.ts';
import { createPipelineCompiler, type Pipeline } from './pipeline.ts';
import { createResourceRouter, type ResourceRouter } from './resource-router.ts';
import { compileTarget, type Target, type TargetDeps } from './target/target.ts';

/** A resource, ready for requests. */
export interface CompiledResource {
  readonly name: string;
  readonly pipeline: Pipeline;
  /** undefined: its policies answer. */
  readonly target: Target | undefined;
}

/** A deployed version of a project, ready for requests. */
export interface CompiledProject {
  readonly deploymentId: string;
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly version: number;
  readonly contextPath: string;
  readonly hosts: readonly string[];
  readonly keepContextPath: boolean;
  readonly allowedForms: readonly AllowedForm[];
  /** True for kind oauth-token-endpoint. */
  readonly tokenEndpoint: boolean;
  /** True for kind oauth-authorization-endpoint: people meet it, on an origin of its own. */
  readonly authorizationEndpoint: boolean;
  /** The end points of the authorization server that it contains. */
  readonly endpoints: EndpointsOfProject;
  /** True for kind wsdl: callers speak SOAP, and the context path itself is the target's address. */
  readonly soap: boolean;
  readonly resources: ResourceRouter<CompiledResource>;
  readonly defaultResource: CompiledResource | undefined;
  /** Time that its exchanges take, in ms. */
  readonly duration: Histogram;
  /** Of the values of its selectors: when another, it is compiled anew. */
  readonly valuesKey: string;
  /** Sets that contain it. */
  holders: number;
  /** Gives shares in connections back, when the last set that contains it is gone. */
  release(): void;
}

/** What compiling a deployment needs. */
export interface DeploymentDeps {
  readonly policyTypes: ReadonlyMap<string, AnyPolicyType>;
  readonly services: Omit<PolicyServices, 'context' | 'chains'>;
  readonly target: TargetDeps;
}

/**
 * Does everything that can be done before the first request: settings checked, policies compiled, routes built, pools opened.
 * @throws ConfigurationError with a pointer into the snapshot; then nothing is left open
 */
export function compileDeployment(
  deployment: FeedDeployment,
  { serverGroup, values }: { readonly serverGroup: FeedServerGroup; readonly values: GroupValues },
  deps: DeploymentDeps,
): CompiledProject {
  const { snapshot } = deployment;
  const { project } = snapshot;
  const targets = new Map<string, Target>();
  const release = (): void => {
    for (const target of targets.values()) target.release();
  };
  const noted = noteEndpoints(deps.services);
  try {
    const compilePipeline = createPipelineCompiler({
      snapshot,
      values,
      policyTypes: deps.policyTypes,
      services: noted.services,
      context: {
        project: {
          id: project.id,
          name: project.name,
          displayName: project.displayName,
          contextPath: project.contextPath,
          version: deployment.version,
        },
        serverGroup: {
          id: serverGroup.id,
          name: serverGroup.name,
          publicUrl: serverGroup.publicUrl,
          authorizationUrl: serverGroup.authorizationUrl ?? serverGroup.publicUrl,
          whenStale: serverGroup.whenStale,
        },
      },
    });
    for (const settings of snapshot.targets) targets.set(settings.name, compileTarget(settings, deps.target));
    const resources = snapshot.resources.map((resource, i) => {
      const pointer = `/resources/${i}`;
      const target = resource.target === undefined ? undefined : targets.get(resource.target);
      if (resource.target !== undefined && target === undefined)
        throw new ConfigurationError(`There is no target ${resource.target}.`, `${pointer}/target`);
      const value: CompiledResource = {
        name: resource.name,
        pipeline: compilePipeline(resource.endpoints, pointer),
        target,
      };
      const isDefault = resource.name === DEFAULT_RESOURCE.name;
      return { path: resource.path, methods: resource.methods, isDefault, value, pointer };
    });
    return {
      deploymentId: deployment.deploymentId,
      id: project.id,
      name: project.name,
      displayName: project.displayName,
      version: deployment.version,
      contextPath: project.contextPath,
      hosts: project.hosts,
      keepContextPath: project.keepContextPath,
      allowedForms: project.allowPathForms,
      tokenEndpoint: project.kind === 'oauth-token-endpoint',
      authorizationEndpoint: project.kind === 'oauth-authorization-endpoint',
      endpoints: noted.found(),
      soap: project.kind === 'wsdl',
      resources: createResourceRouter(resources, project.trailingSlash),
      defaultResource: resources.find(({ isDefault }) => isDefault)?.value,
      duration: deps.services.metrics.histogram('request_duration_ms', 'Time that exchanges take.', {
        project: project.name,
      }),
      valuesKey: valuesKeyOf(snapshot.policies, values),
      holders: 0,
      release,
    };
  } catch (error) {
    release();
    throw error;
  }
}
