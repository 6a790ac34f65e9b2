import { AUTHORIZATION_CODE } from './authorization-code.ts';
import { CLIENT_CREDENTIALS } from './client-credentials.ts';
import { DEVICE_CODE } from './device-code.ts';
import type { GrantHandler } from './grant.ts';
import { JWT_BEARER } from './jwt-bearer.ts';
import { PASSWORD } from './password.ts';
import { REFRESH_TOKEN } from './refresh-token.ts';
import { TOKEN_EXCHANGE } from './token-exchange.ts';

/** The grant types that a token end point can offer. A new one: its file, and its line here. */
export const GRANTS: readonly GrantHandler[] = [
  CLIENT_CREDENTIALS,
  AUTHORIZATION_CODE,
  REFRESH_TOKEN,
  PASSWORD,
  JWT_BEARER,
  DEVICE_CODE,
  TOKEN_EXCHANGE,
];
