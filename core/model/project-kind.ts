/** What a project publishes. Further kinds come with what serves them. */
export const PROJECT_KINDS = ['oauth-token-endpoint', 'http'] as const;

/** Kinds as people read them. */
export const PROJECT_KIND_TITLES: Readonly<Record<(typeof PROJECT_KINDS)[number], string>> = {
  'oauth-token-endpoint': 'OAuth Token End Point',
  http: 'REST/HTTP',
};
export type ProjectKind = (typeof PROJECT_KINDS)[number];
