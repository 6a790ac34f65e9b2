import { Refusal } from '#core/errors';
import type { PolicyContext } from '#core/policy';
import type { VerifiedToken } from '#core/token-verifier';
import type { Config } from './schema.ts';

/**
 * A token that was asked for with `resource` or `audience` (RFC 8707 §2, RFC 8693 §2.1) is for that alone: this API by its public URL, by the
 * gateway's, by its project's name, or by what the policy says it is called. A token without one is for every project of its product.
 * @throws Refusal `token_audience`
 */
export function compileAudienceCheck(
  { audience }: Config,
  { project, serverGroup: { publicUrl } }: PolicyContext,
): (verified: VerifiedToken) => void {
  const path = project.contextPath === '/' ? '' : project.contextPath;
  const names = [publicUrl + path, publicUrl, project.name, ...audience].map(withoutSlash);
  const own = new Set(names);
  return ({ token, prefix }) => {
    const meant = token.details?.audience;
    if (meant === undefined || meant.some((one) => own.has(withoutSlash(one)))) return;
    throw new Refusal('token_audience', { token: prefix, audience: meant.slice(0, 10), expected: names[0] ?? '' });
  };
}

function withoutSlash(text: string): string {
  return text.endsWith('/') ? text.slice(0, -1) : text;
}
