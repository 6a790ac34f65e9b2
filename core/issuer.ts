import type { PolicyContext } from './policy.ts';

type Place = {
  readonly serverGroup: Pick<PolicyContext['serverGroup'], 'publicUrl' | 'authorizationUrl'>;
  readonly project: Pick<PolicyContext['project'], 'contextPath'>;
};

/** The issuer of a token end point project: the group's public URL and the context path, never the Host field (decision 10). */
export function issuerOf({ serverGroup, project }: Place): string {
  return serverGroup.publicUrl + (project.contextPath === '/' ? '' : project.contextPath);
}

/** URL of an authorization end point project (decision 11): below it stand its pages. */
export function authorizationUrlOf({ serverGroup, project }: Place): string {
  return serverGroup.authorizationUrl + project.contextPath;
}
