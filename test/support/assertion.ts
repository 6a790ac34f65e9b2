import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** Claims, right or wrong; what is undefined is left out. */
export type Claims = Readonly<Record<string, unknown>>;

/** Somebody who signs JWTs: a client with a private key, a trusted or a foreign issuer. */
export interface TestSigner {
  /** Its public keys, as JSON. */
  readonly jwks: string;
  readonly publicJwk: JWK;
  /** Signs; members of the header replace or, undefined, remove what stands there. */
  sign(payload: Claims, header?: Readonly<Record<string, unknown>>): Promise<string>;
}

/** Makes one with a key of its own. */
export async function createTestSigner(algorithm = 'ES256', kid = 'key-1'): Promise<TestSigner> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' };
  return {
    publicJwk,
    jwks: JSON.stringify({ keys: [publicJwk] }),
    sign: (payload, header = {}) => {
      const members = Object.entries({ alg: algorithm, kid, ...header }).filter(([, value]) => value !== undefined);
      return new SignJWT({ ...payload }).setProtectedHeader(Object.fromEntries(members) as never).sign(privateKey);
    },
  };
}

/** A JWT by a shared secret. */
export async function signWithSecret(payload: Claims, secret: string | Uint8Array): Promise<string> {
  const key = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
  return new SignJWT({ ...payload }).setProtectedHeader({ alg: 'HS256' }).sign(key);
}

/** A JWT without signature (RFC 7519 §6). */
export function unsecured(payload: Claims): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(payload)}.`;
}
