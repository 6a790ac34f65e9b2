import type { AuthorizationProject } from '#core/authorization-endpoint';
import { HeaderList } from '#core/headers';
import type { HttpResponse } from '#core/message';
import type { PolicyContext } from '#core/policy';
import { offeredTypes } from '../authorization/request.ts';
import { describeClients } from './client-metadata.ts';
import type { EndpointDeps } from './endpoint.ts';
import { ENDPOINTS } from './table.ts';

/** The well-known path of RFC 8414 §3. */
export const WELL_KNOWN = '/.well-known/oauth-authorization-server';

/** Where the metadata of a project stand: the well-known path *before* the issuer's own path (RFC 8414 §3.1). */
export function metadataPath({ project }: PolicyContext): string {
  return project.contextPath === '/' ? WELL_KNOWN : WELL_KNOWN + project.contextPath;
}

/**
 * Makes the answer with the authorization server's metadata (RFC 8414 §3.2): what each end point says of itself, and the authorization end
 * point that is deployed beside, which may come and go.
 */
export function compileMetadata(deps: EndpointDeps): () => HttpResponse {
  const { settings, issuer, context, services } = deps;
  const offered = ENDPOINTS.filter(({ isOffered }) => isOffered?.(settings) !== false);
  return () => {
    const [authorization] = services.endpoints.authorizationProjectsOf(context.project.name);
    const members = Object.assign({}, ...offered.map(({ metadata }) => metadata?.(deps) ?? {}));
    const document = {
      issuer,
      ...members,
      ...describeClients(members, deps),
      ...describeAuthorization(authorization, settings),
    };
    return {
      status: 200,
      headers: new HeaderList(['Content-Type', 'application/json', 'Cache-Control', 'max-age=60']),
      body: JSON.stringify(document),
    };
  };
}

/** What an authorization end point adds. Without one there is `response_types_supported` all the same: it is REQUIRED (§2). */
function describeAuthorization(
  project: AuthorizationProject | undefined,
  tokenSettings: EndpointDeps['settings'],
): Readonly<Record<string, unknown>> {
  if (project === undefined) return { response_types_supported: [] };
  const { url, settings } = project;
  return {
    authorization_endpoint: url,
    response_types_supported: offeredTypes(settings, tokenSettings),
    response_modes_supported: settings.responseModes,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    require_pushed_authorization_requests: settings.requirePushedRequest,
  };
}
