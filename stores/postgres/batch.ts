import type { AccessToken, Grant, Issue } from '#core/token-store';

/** Parameters that {@link tokenValues} takes. */
export const TOKEN_PARAMETERS = 13;

/**
 * `given`: access tokens from the parameters beginning with $`first`, one array a column. Arrays of some hundred tokens in one statement cost a
 * tenth of as many statements.
 */
export function givenTokens(first: number): string {
  const types = ['text', 'int', 'int8', 'int8', 'int', 'int', 'int', 'int', 'text', 'text', 'text', 'text', 'text'];
  const arrays = types.map((type, i) => `$${first + i}::${type}[]`).join(', ');
  return `given as (select * from unnest(${arrays}) as given (hash, holder, issued_at, expires_at, client_generation,
    subscription_generation, secret_generation, subject_generation, subject, scopes, parameters, grant_id, details))`;
}

/** `saved`, `lives`: writes the tokens of `given` and counts the new ones. @param condition when they are written @param shard its parameter */
export function savedTokens(condition: string, shard: string): string {
  return `saved as (
      insert into token (hash, holder, issued_at, expires_at, client_generation, subscription_generation, secret_generation,
        subject_generation, subject, scopes, parameters, grant_id, details)
      select decode(hash, 'hex'), holder, issued_at, expires_at, client_generation, subscription_generation, secret_generation,
        subject_generation, subject, scopes, parameters, grant_id, details
      from given where ${condition} order by hash collate "C"
      on conflict (hash) do nothing returning holder, expires_at
    ), lives as (
      insert into live_count (client_id, minute, shard, n)
      select h.client_id, s.expires_at / 60000, ${shard}::int, count(*) from saved s join holder h on h.id = s.holder
      group by 1, 2 order by 1, 2
      on conflict (client_id, minute, shard) do update set n = live_count.n + excluded.n
    )`;
}

/** The parameters of {@link givenTokens}. @param holders the number of each token's holder */
export function tokenValues(tokens: readonly AccessToken[], holders: readonly number[]): unknown[] {
  const of = (value: (token: AccessToken) => string | number | null | undefined) => tokens.map(value);
  return [
    plainArray(of(({ hash }) => hash)),
    plainArray(holders),
    plainArray(of(({ issuedAt }) => issuedAt)),
    plainArray(of(({ expiresAt }) => expiresAt)),
    plainArray(of(({ generations }) => generations.client)),
    plainArray(of(({ generations }) => generations.subscription)),
    plainArray(of(({ generations }) => generations.secret ?? 0)),
    plainArray(of(({ generations }) => generations.subject)),
    of(({ subject }) => subject),
    of(({ scopes }) => scopes.join(' ')),
    of(({ parameters }) => jsonText(parameters)),
    of(({ grantId }) => grantId),
    of(({ details }) => jsonText(details)),
  ];
}

/** An array of numbers or hex digits as PostgreSQL writes it: nothing in it needs quotes. */
export function plainArray(values: readonly (string | number | null | undefined)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

/** JSON of an object; null for none and for an empty one. */
function jsonText(value: object | undefined): string | null {
  for (const _ in value) return JSON.stringify(value);
  return null;
}

/** What several issues come to: the rows of each table, and until when grants that are there already last at least. */
export interface Batch {
  readonly tokens: readonly AccessToken[];
  readonly grants: readonly object[];
  readonly codes: readonly object[];
  readonly refreshes: readonly object[];
  readonly prolonged: readonly { readonly id: string; readonly ends_at: number }[];
}

/** Puts issues together. Of a grant that is in several only the details of the last count, as when they are saved one after the other. */
export function createBatch(issues: readonly Issue[]): Batch {
  const ends = new Map<string, number>();
  const grants = new Map<string, Grant>();
  const prolong = (id: string | undefined, endsAt: number) => {
    if (id !== undefined) ends.set(id, Math.max(ends.get(id) ?? 0, endsAt));
  };
  const [tokens, codes, refreshes]: [AccessToken[], object[], object[]] = [[], [], []];
  for (const { grant, code, access, refresh } of issues) {
    if (grant !== undefined) {
      grants.set(grant.id, { ...(grants.get(grant.id) ?? grant), details: grant.details });
      prolong(grant.id, grant.createdAt);
    }
    if (code !== undefined) {
      prolong(code.grantId, code.expiresAt);
      codes.push(codeRow(code));
    }
    if (refresh !== undefined) {
      prolong(refresh.grantId, refresh.expiresAt);
      refreshes.push(refreshRow(refresh));
    }
    if (access !== undefined) {
      prolong(access.grantId, access.expiresAt);
      tokens.push(access);
    }
  }
  const prolonged = [...ends].flatMap(([id, ends_at]) => (grants.has(id) ? [] : [{ id, ends_at }]));
  const rows = [...grants.values()].map((grant) => grantRow(grant, ends.get(grant.id) ?? grant.createdAt));
  return { tokens, grants: rows, codes, refreshes, prolonged };
}

/** A grant as JSON with its columns. */
export function grantRow(grant: Grant, endsAt: number): object {
  const { generations } = grant;
  return {
    id: grant.id,
    client_id: grant.clientId,
    subscription_id: grant.subscriptionId,
    product_id: grant.productId,
    server_group_id: grant.serverGroupId,
    project_id: grant.projectId,
    subject: grant.subject,
    scopes: grant.scopes.join(' '),
    created_at: grant.createdAt,
    ends_at: endsAt,
    client_generation: generations.client,
    subscription_generation: generations.subscription,
    secret_generation: generations.secret,
    subject_generation: generations.subject,
    parameters: jsonText(grant.parameters),
    details: jsonText(grant.details),
  };
}

/** A code as JSON with its columns. */
function codeRow({ hash, grantId, redirectUri, codeChallenge, issuedAt, expiresAt }: NonNullable<Issue['code']>) {
  return {
    ...{ hash, grant_id: grantId, redirect_uri: redirectUri, code_challenge: codeChallenge },
    ...{ issued_at: issuedAt, expires_at: expiresAt },
  };
}

/** A refresh token as JSON with its columns. */
function refreshRow({ hash, grantId, issuedAt, expiresAt }: NonNullable<Issue['refresh']>) {
  return { hash, grant_id: grantId, issued_at: issuedAt, expires_at: expiresAt };
}
