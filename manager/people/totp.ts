import { Secret, TOTP } from 'otpauth';
import type { Random } from '#core/random';

const PERIOD_S = 30;
const SECRET_BYTES = 20; // RFC 4226 §4 R6: as long as HMAC-SHA-1's output
/** Steps before and after the present one that are taken: clocks differ (RFC 6238 §5.2). */
const WINDOW = 1;

/** A new secret for time-based codes (RFC 6238), 160 bits. */
export function newTotpSecret(random: Random): Buffer {
  return random.bytes(SECRET_BYTES);
}

/** How a secret is handed over: base 32, and as a URI for a QR code. */
export function describeTotp(secret: Uint8Array, of: { readonly user: string; readonly team: string }) {
  const totp = codesOf(secret, of);
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/**
 * The time step that a code belongs to, when it is a right one and newer than the newest that was taken; else undefined. A code works once
 * (RFC 6238 §5.2), so whoever saw it being typed has nothing.
 */
export function totpStep(
  code: string,
  at: { readonly secret: Uint8Array; readonly now: number; readonly lastStep: number },
): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const delta = codesOf(at.secret, { user: '', team: '' }).validate({ token: code, timestamp: at.now, window: WINDOW });
  if (delta === null) return undefined;
  const step = Math.floor(at.now / 1000 / PERIOD_S) + delta;
  return step > at.lastStep ? step : undefined;
}

function codesOf(secret: Uint8Array, of: { readonly user: string; readonly team: string }): TOTP {
  return new TOTP({
    ...(of.team === '' ? {} : { issuer: of.team.replaceAll(':', ' ') }),
    label: of.user,
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD_S,
    secret: new Secret({ buffer: Uint8Array.from(secret).buffer }),
  });
}
