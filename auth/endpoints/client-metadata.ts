import type { EndpointDeps } from './endpoint.ts';

/** Members of the metadata, as far as they were put together. */
type Members = Readonly<Record<string, unknown>>;

/** Who may revoke proves itself as at the token end point, who introspects too, but never as a public client (RFC 7662 §2.1). */
const LIKE_TOKEN_ENDPOINT = ['introspection', 'revocation'] as const;

/**
 * What metadata say of how clients prove themselves, beside what the token end point says of itself: the same for introspection and revocation
 * (RFC 8414 §2), and client certificates where the gateway asks for them (RFC 8705 §3.3, §5).
 */
export function describeClients(members: Members, { services: { mtls }, context }: EndpointDeps): Members {
  const given = members.token_endpoint_auth_methods_supported;
  const withCertificate = mtls?.isOffered === true ? ['tls_client_auth', 'self_signed_tls_client_auth'] : [];
  const methods: unknown[] = [...(Array.isArray(given) ? given : []), ...withCertificate];
  const algorithms = members.token_endpoint_auth_signing_alg_values_supported;
  const described: Record<string, unknown> = { token_endpoint_auth_methods_supported: methods };
  for (const name of LIKE_TOKEN_ENDPOINT) {
    const those = name === 'introspection' ? methods.filter((method) => method !== 'none') : methods;
    described[`${name}_endpoint_auth_methods_supported`] = those;
    if (algorithms !== undefined) described[`${name}_endpoint_auth_signing_alg_values_supported`] = algorithms;
  }
  if (mtls?.isOffered !== true) return described;
  described.tls_client_certificate_bound_access_tokens = true;
  if (mtls.origin !== '')
    described.mtls_endpoint_aliases = aliasesOf(members, context.serverGroup.publicUrl, mtls.origin);
  return described;
}

/** The same end points at the origin that asks for certificates (RFC 8705 §5). */
function aliasesOf(members: Members, publicUrl: string, origin: string): Members {
  const aliases = Object.entries(members).flatMap(([name, url]) =>
    name.endsWith('_endpoint') && typeof url === 'string' && url.startsWith(publicUrl)
      ? [[name, origin + url.slice(publicUrl.length)] as const]
      : [],
  );
  return Object.fromEntries(aliases);
}
