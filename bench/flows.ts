import { createHash } from 'node:crypto';
import { findRefreshToken, findToken, send } from './answer.ts';
import type { LoadRequest } from './load.ts';
import { createTokenRequest } from './node-server.ts';
import { createBrowser, type Owner } from './sign-in.ts';

/** An authorization server, as its clients know it. */
export interface Flows {
  readonly tokenUrl: string;
  readonly introspectionUrl: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** What is needed before somebody can sign in, and where that is; called once. */
  openAuthorization(): Promise<Authorization>;
}

/** Where a person signs in. */
export interface Authorization {
  readonly url: string;
  readonly owner: Owner;
  /** None asks for the defaults. */
  readonly scope?: string;
}

/** Where codes are sent; nobody listens there. */
export const redirectUri = 'https://client.example/callback';
/** Codes for one load, within their life: the load rests when they are used up. */
const codes = 2000;
/** More than the load generator has connections. */
const refreshTokens = 64;
/** Requests at once while forms are made. */
const makers = 8;
/** A code verifier and its challenge (RFC 7636 §4.2); the same for all, since the client is not what is measured. */
const verifier = 'bench-verifier-bench-verifier-bench-verifier-0001';
const challenge = createHash('sha256').update(verifier).digest('base64url');

/** The requests of introspection (RFC 7662 §2.1), codes (RFC 6749 §4.1.3) and refresh tokens (§6); codes come of real sign-ins. */
export function createFlowRequests(
  flows: Flows,
  tokens: number,
): Record<'introspection' | 'code' | 'refresh', LoadRequest> {
  const { client, tokenUrl } = flows;
  const credentials = { client_id: client.id, client_secret: client.secret };
  const createForm = (fields: Record<string, string>) => new URLSearchParams({ ...credentials, ...fields }).toString();
  const issue = createTokenRequest(tokenUrl, client);
  let signedIn: Promise<() => Promise<string>> | undefined;
  const createCodeForm = async () => {
    signedIn ??= signIn(flows);
    const code = await (await signedIn)();
    return createForm({ grant_type: 'authorization_code', redirect_uri: redirectUri, code_verifier: verifier, code });
  };
  const createRefreshForm = async () => {
    const { body } = await send({ url: tokenUrl, method: 'POST', body: await createCodeForm() });
    const token = findRefreshToken(body);
    if (token === undefined) throw new Error(`no refresh token: ${body.slice(0, 200)}`);
    return createForm({ grant_type: 'refresh_token', refresh_token: token });
  };
  const createIntrospectionForm = async () => {
    const { body } = await send(issue);
    return createForm({ token: findToken(body) ?? '' });
  };
  const post = { url: tokenUrl, method: 'POST' } as const;
  return {
    introspection: {
      ...{ ...post, url: flows.introspectionUrl },
      forms: { count: tokens, use: 'again', create: (count) => makeMany(count, createIntrospectionForm) },
    },
    code: { ...post, forms: { count: codes, use: 'once', create: (count) => makeMany(count, createCodeForm) } },
    refresh: {
      ...post,
      forms: { count: refreshTokens, use: 'follow', create: (count) => makeMany(count, createRefreshForm) },
    },
  };
}

/** Signs somebody in, who allows everything, and gives what fetches one code after another in that session. */
async function signIn(flows: Flows): Promise<() => Promise<string>> {
  const { url, owner, scope } = await flows.openAuthorization();
  const authorize = createBrowser(owner);
  const query = new URLSearchParams({
    ...{ response_type: 'code', client_id: flows.client.id, redirect_uri: redirectUri, state: 'bench' },
    ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    ...(scope === undefined ? {} : { scope }),
  });
  const fetchCode = async () => {
    const back = await authorize(`${url}?${query}`);
    const code = back.searchParams.get('code');
    if (code === null) throw new Error(`no code: ${back.searchParams}`);
    return code;
  };
  await fetchCode();
  return fetchCode;
}

async function makeMany(count: number, make: () => Promise<string>): Promise<readonly string[]> {
  const made: string[] = [];
  let begun = 0;
  const work = async () => {
    while (begun < count) {
      begun += 1;
      made.push(await make());
    }
  };
  await Promise.all(Array.from({ length: Math.min(makers, count) }, work));
  return made;
}
