import type { AuthorizationProject, DeployedEndpoints, TokenProject } from '#core/authorization-endpoint';
import { authorizationUrlOf, issuerOf } from '#core/issuer';
import type { PolicyServices } from '#core/policy';

/** The end points of the authorization server that one deployment contains. */
export interface EndpointsOfProject {
  readonly token: TokenProject | undefined;
  readonly authorization: AuthorizationProject | undefined;
}

/** Services that note which end points are compiled with them: what a deployment contains is what its policies ask for. */
export function noteEndpoints<Services extends Pick<PolicyServices, 'tokenIssuer' | 'authorizationEndpoint'>>(
  services: Services,
): { readonly services: Services; found(): EndpointsOfProject } {
  let token: TokenProject | undefined;
  let authorization: AuthorizationProject | undefined;
  return {
    services: {
      ...services,
      tokenIssuer: {
        compileEndpoint(settings, context, parts = {}) {
          const { id, name, displayName, contextPath } = context.project;
          token ??= { id, name, displayName, contextPath, issuer: issuerOf(context), settings, context, parts };
          return services.tokenIssuer.compileEndpoint(settings, context, parts);
        },
      },
      authorizationEndpoint: {
        compileAuthorization(settings, context) {
          authorization ??= { name: context.project.name, url: authorizationUrlOf(context), settings };
          return services.authorizationEndpoint.compileAuthorization(settings, context);
        },
      },
    },
    found: () => ({ token, authorization }),
  };
}

/** The end points of whatever set runs at present. */
export interface PresentEndpoints extends DeployedEndpoints {
  /** Takes those of the set that runs from now on. */
  use(
    projects: readonly { readonly id: string; readonly name: string; readonly endpoints: EndpointsOfProject }[],
  ): void;
}

/** Makes an empty one: the authorization server is made before the first set. */
export function createPresentEndpoints(): PresentEndpoints {
  let tokens = new Map<string, TokenProject>();
  let ids = new Map<string, string>();
  let authorizations: readonly AuthorizationProject[] = [];
  return {
    findTokenProject: (name) => tokens.get(name),
    findProjectId: (name) => ids.get(name),
    authorizationProjectsOf: (name) => authorizations.filter(({ settings }) => settings.tokenProject === name),
    use(projects) {
      ids = new Map(projects.map(({ id, name }) => [name, id]));
      const found = projects.map(({ endpoints }) => endpoints);
      tokens = new Map(found.flatMap(({ token }) => (token === undefined ? [] : [[token.name, token] as const])));
      authorizations = found.flatMap(({ authorization }) => authorization ?? []);
    },
  };
}
