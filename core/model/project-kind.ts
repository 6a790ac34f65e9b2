/** What a project publishes. Further kinds come with what serves them. */
export const PROJECT_KINDS = ['oauth-token-endpoint', 'oauth-authorization-endpoint', 'http', 'wsdl'] as const;

/** Kinds as people read them. */
export const PROJECT_KIND_TITLES: Readonly<Record<(typeof PROJECT_KINDS)[number], string>> = {
  'oauth-token-endpoint': 'OAuth Token End Point',
  'oauth-authorization-endpoint': 'OAuth Authorization End Point',
  http: 'REST/HTTP',
  wsdl: 'WSDL',
};
export type ProjectKind = (typeof PROJECT_KINDS)[number];

/** Kinds that pass calls on to targets: they have targets, and *Secure API with*. */
export const PROXIED_KINDS = ['http', 'wsdl'] as const satisfies readonly ProjectKind[];

/** True for {@link PROXIED_KINDS}. */
export function isProxied(kind: ProjectKind): boolean {
  return PROXIED_KINDS.some((known) => known === kind);
}
