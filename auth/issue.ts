/** What the token end point answers (RFC 6749 §5.1), before it is rendered. */
export interface IssuedAnswer {
  readonly accessToken: string;
  /** Hash of the access token: its prefix stands in records. */
  readonly hash: string;
  readonly tokenType: string;
  readonly expiresInMs: number;
  readonly refreshToken: string | undefined;
  /** Left out of the answer when it is what was asked for. */
  readonly scope: string | undefined;
  /** All scopes of the access token. */
  readonly scopes: readonly string[];
  /** Further members, e.g. `issued_token_type` (RFC 8693 §2.2.1). */
  readonly more?: Readonly<Record<string, string>> | undefined;
}
