import { deviceEndpoint } from './device.ts';
import type { EndpointType } from './endpoint.ts';
import { introspectEndpoint } from './introspect.ts';
import { jwksEndpoint } from './jwks.ts';
import { parEndpoint } from './par.ts';
import { revokeEndpoint } from './revoke.ts';
import { TOKEN_ENDPOINT } from './token.ts';
import { tokenInformationEndpoint } from './token-information.ts';

/** The end points below an issuer. A new one: its file, and its line here. */
export const ENDPOINTS: readonly EndpointType[] = [
  TOKEN_ENDPOINT,
  introspectEndpoint,
  revokeEndpoint,
  jwksEndpoint,
  parEndpoint,
  deviceEndpoint,
  tokenInformationEndpoint,
];
