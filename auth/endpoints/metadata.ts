import { HeaderList } from '#core/headers';
import type { HttpResponse } from '#core/message';
import type { PolicyContext } from '#core/policy';
import type { TokenEndpointSettings } from '#core/token-issuer';

const WELL_KNOWN = '/.well-known/oauth-authorization-server';

/** The issuer of a token end point project: the group's public URL and the context path, never the Host field (decision 10). */
function issuerOf({ serverGroup, project }: PolicyContext): string {
  return serverGroup.publicUrl + (project.contextPath === '/' ? '' : project.contextPath);
}

/** Where the metadata of a project stand: the well-known path *before* the issuer's own path (RFC 8414 §3.1). */
export function metadataPath({ project }: PolicyContext): string {
  return project.contextPath === '/' ? WELL_KNOWN : WELL_KNOWN + project.contextPath;
}

/** Makes the answer with the authorization server's metadata (RFC 8414 §3.2), the same for everybody until the next deployment. */
export function compileMetadata(settings: TokenEndpointSettings, context: PolicyContext): () => HttpResponse {
  const issuer = issuerOf(context);
  const { header, body } = settings.clientCredentialsIn;
  const document = {
    issuer,
    token_endpoint: issuer === context.serverGroup.publicUrl ? `${issuer}/` : issuer,
    token_endpoint_auth_methods_supported: [
      ...(header ? ['client_secret_basic'] : []),
      ...(body ? ['client_secret_post'] : []),
    ],
    grant_types_supported: settings.grantTypes,
    response_types_supported: [], // REQUIRED (§2), though there is no authorization end point
  };
  const text = JSON.stringify(document);
  return () => ({
    status: 200,
    headers: new HeaderList(['Content-Type', 'application/json', 'Cache-Control', 'max-age=60']),
    body: text,
  });
}
