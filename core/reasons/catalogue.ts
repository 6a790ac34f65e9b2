import { AUTHORIZATION_REASONS } from './authorization.ts';
import { CERTIFICATE_REASONS } from './certificate.ts';
import { DEVICE_REASONS } from './device.ts';
import { GATEWAY_REASONS } from './gateway.ts';
import { GRANT_REASONS } from './grant.ts';
import { INTROSPECTION_REASONS } from './introspection.ts';
import { KEY_REASONS } from './keys.ts';
import { OAUTH_REASONS } from './oauth.ts';
import { POLICY_REASONS } from './policy.ts';
import type { Reason } from './reason.ts';
import { TOKEN_REASONS } from './token.ts';
import { TRAFFIC_REASONS } from './traffic.ts';

/** Every cause of refusal that can happen so far, by its stable code. Codes are never reused or renamed. */
export const REASONS = {
  ...TOKEN_REASONS,
  ...OAUTH_REASONS,
  ...AUTHORIZATION_REASONS,
  ...GRANT_REASONS,
  ...DEVICE_REASONS,
  ...INTROSPECTION_REASONS,
  ...KEY_REASONS,
  ...POLICY_REASONS,
  ...TRAFFIC_REASONS,
  ...CERTIFICATE_REASONS,
  ...GATEWAY_REASONS,
} as const;

/** The stable name of one cause of refusal. */
export type ReasonCode = keyof typeof REASONS;

/** The catalogue's entry of a code. */
export function reasonOf(code: ReasonCode): Reason {
  return REASONS[code];
}

/** The entry of a code that came from outside (a record, the command line); undefined when there is none. */
export function findReason(code: string): Reason | undefined {
  return Object.hasOwn(REASONS, code) ? REASONS[code as ReasonCode] : undefined;
}
