import * as z from 'zod';
import type { ProjectSnapshot } from '#core/model/version';

/** Where a deployed version looks for the access token; the names are those of the policy's settings. */
export interface TokenPlace {
  readonly place: 'header' | 'query' | 'body';
  /** Name of the field or parameter. */
  readonly name: string;
  /** Word before the token in a header; empty: none. */
  readonly prefix: string;
}

const settings = z.looseObject({
  tokenIn: z.array(z.enum(['header', 'query', 'body'])).default(['header']),
  headerName: z.string().default('Authorization'),
  headerPrefix: z.string().default('Bearer'),
  queryParameter: z.string().default('access_token'),
  bodyParameter: z.string().default('access_token'),
});

/** Where a token goes: where the version's first Verify Access Token policy looks for it, the header if it may be there, else as RFC 6750 says. */
export function tokenPlaceOf({ policies }: ProjectSnapshot): TokenPlace {
  const verifies = policies.find(({ type }) => type === 'oauth-verify-access-token');
  const { tokenIn, headerName, headerPrefix, queryParameter, bodyParameter } = settings.parse(verifies?.config ?? {});
  const place = tokenIn.includes('header') ? 'header' : (tokenIn[0] ?? 'header');
  if (place === 'header') return { place, name: headerName, prefix: headerPrefix };
  return { place, name: place === 'query' ? queryParameter : bodyParameter, prefix: '' };
}
