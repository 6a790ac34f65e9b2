/** A key that signs JWT access tokens. */
export interface SigningKeyTable {
  kid: string;
  algorithm: string;
  /** next, current or retired (core/signing-keys.ts). */
  state: string;
  /** JSON of its public JWK: kty and what belongs to it. */
  public_jwk: string;
  /** PKCS #8, DER, sealed with the master key; null once it signs no more. */
  private_sealed: string | null;
  created_at: number;
  created_by: string;
  /** From when it signs, or signed. */
  signs_at: number;
  retired_at: number | null;
}

/** The tables of this folder. */
export interface SigningKeyTables {
  signing_keys: SigningKeyTable;
}
