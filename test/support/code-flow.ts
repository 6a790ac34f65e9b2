import {
  type AuthorizationSystem,
  createTestBrowser,
  OWNER,
  PASSWORD,
  type PageAnswer,
  type TestBrowser,
} from './authorization.ts';
import type { Registered, Registration } from './client-registry.ts';
import { CHALLENGE, VERIFIER } from './oauth-grants.ts';

/** Redirect URI of every client of {@link createCodeFlow}, unless a test says another. */
export const APP = 'https://app.example.com/callback';

/** Parameters; one that is undefined is left out. */
export type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>;

/** An answer of an end point for programs. */
export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Readonly<Record<string, unknown>>;
}

/** The authorization code flow over HTTP: a client, a person in a browser, and the end points that they ask. */
export interface CodeFlow {
  /** A confidential client that sends its secret in the body. */
  readonly client: Registered;
  /** A client without secret. */
  readonly app: Registered;
  register(client?: Registration['client'], subscription?: Registration['subscription']): Registered;
  /** Address of an authorization request with PKCE, `state` and `redirect_uri`. */
  requestUrl(client: Registered, more?: Parameters): string;
  /** Opens a request and goes on to the first page. */
  open(url: string, browser?: TestBrowser): Promise<PageAnswer>;
  /** Signs in on that page. */
  signIn(page: PageAnswer, browser: TestBrowser): Promise<PageAnswer>;
  /** Opens a request, signs in and allows; gives what leads back. */
  allow(url: string, browser?: TestBrowser): Promise<PageAnswer>;
  /** Parameters in the query of what leads back to the client. */
  answerOf(page: PageAnswer): URLSearchParams;
  getCode(client: Registered, more?: Parameters): Promise<string>;
  /** Posts a form to the issuer, or to an end point below it. */
  post(path: string, form: Parameters | string, headers?: Readonly<Record<string, string>>): Promise<JsonAnswer>;
  /** Posts to the token end point with the credentials of the client. */
  token(client: Registered, form: Parameters): Promise<JsonAnswer>;
  /** Exchanges a code. */
  exchange(client: Registered, code: string, more?: Parameters): Promise<JsonAnswer>;
  /** Uses a refresh token. */
  refresh(client: Registered, token: unknown, more?: Parameters): Promise<JsonAnswer>;
  /** All of it: a code and what is got for it, or throws. */
  getTokens(client: Registered, more?: Parameters): Promise<Readonly<Record<string, unknown>>>;
  /** What introspection says of a token. */
  introspect(client: Registered, token: unknown): Promise<Readonly<Record<string, unknown>>>;
}

/** Makes it, over a running system. */
export function createCodeFlow(system: AuthorizationSystem): CodeFlow {
  const loginOrigin = new URL(system.url).origin;
  const register = (client: Registration['client'] = {}, subscription: Registration['subscription'] = {}) =>
    system.registry.register({ client: { redirectUris: [APP], ...client }, subscription });
  const client = register();
  const app = register({ kind: 'public', authMethod: 'none' });
  const publicKeys = new Set([app.consumerKey]);
  const credentialsOf = ({ consumerKey, secret }: Registered) => ({
    client_id: consumerKey,
    client_secret: publicKeys.has(consumerKey) ? undefined : secret,
  });

  const flow: CodeFlow = {
    ...{ client, app },
    register(fields, subscription) {
      const registered = register(fields, subscription);
      if (fields?.kind === 'public') publicKeys.add(registered.consumerKey);
      return registered;
    },
    requestUrl({ consumerKey }, more = {}) {
      return `${system.url}?${encode({
        ...{ response_type: 'code', client_id: consumerKey, redirect_uri: APP, state: 'xyz' },
        ...{ code_challenge: CHALLENGE, code_challenge_method: 'S256', ...more },
      })}`;
    },
    async open(url, browser = createTestBrowser()) {
      return browser.follow(await browser.get(url), loginOrigin);
    },
    async signIn(page, browser) {
      const form = { ...page.fields, username: OWNER.username, password: PASSWORD };
      return browser.follow(await browser.post(`${system.url}/sign-in`, form), loginOrigin);
    },
    async allow(url, browser = createTestBrowser()) {
      const page = await flow.open(url, browser);
      if (page.location !== undefined) return page;
      const consent = page.text.includes('name="password"') ? await flow.signIn(page, browser) : page;
      if (!consent.text.includes('value="allow"')) return consent;
      return browser.post(`${system.url}/consent`, { ...consent.fields, decision: 'allow' });
    },
    answerOf({ status, location, text }) {
      if (status !== 303 || location === undefined) throw new Error(`${status} leads nowhere: ${text}`);
      return new URL(location).searchParams;
    },
    async getCode(of, more) {
      const answer = flow.answerOf(await flow.allow(flow.requestUrl(of, more)));
      const code = answer.get('code');
      if (code === null) throw new Error(`No code: ${answer}`);
      return code;
    },
    async post(path, form, headers = {}) {
      const body = typeof form === 'string' ? form : encode(form);
      const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
      const answer = await fetch(system.issuer + path, { method: 'POST', body, headers: { ...type, ...headers } });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, json: text === '' ? {} : JSON.parse(text) };
    },
    token: (of, form) => flow.post('', { ...credentialsOf(of), ...form }),
    exchange: (of, code, more = {}) =>
      flow.token(of, {
        ...{ grant_type: 'authorization_code', code, redirect_uri: APP, code_verifier: VERIFIER },
        ...more,
      }),
    refresh: (of, token, more = {}) =>
      flow.token(of, { grant_type: 'refresh_token', refresh_token: String(token), ...more }),
    async getTokens(of, more) {
      const { status, json } = await flow.exchange(of, await flow.getCode(of, more));
      if (status !== 200) throw new Error(`No token: ${JSON.stringify(json)}`);
      return json;
    },
    async introspect(of, token) {
      return (await flow.post('/introspect', { ...credentialsOf(of), token: String(token) })).json;
    },
  };
  return flow;
}

function encode(parameters: Parameters): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : value === undefined ? [] : [value]).map((one: string) => [name, one]),
  );
  return new URLSearchParams(pairs).toString();
}
