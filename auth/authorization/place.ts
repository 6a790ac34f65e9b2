import type { AuthorizationEndpointSettings, TokenProject } from '#core/authorization-endpoint';
import { HeaderList } from '#core/headers';
import type { HttpResponse, Message } from '#core/message';
import type { PolicyContext } from '#core/policy';
import type { IssuerServices } from '../issuer.ts';
import { answerPage, type Page, type PageServices } from '../pages/page.ts';
import type { OwnerCookie } from './cookie.ts';
import type { SessionRules } from './session.ts';
import type { SignInLimits } from './sign-in-limits.ts';

/** A deployed authorization end point: what its pages are made with. */
export interface AuthorizationPlace {
  readonly settings: AuthorizationEndpointSettings;
  readonly context: PolicyContext;
  readonly services: IssuerServices;
  /** URL of the end point; its pages are below. */
  readonly url: string;
  readonly cookie: OwnerCookie;
  readonly rules: SessionRules;
  readonly limits: SignInLimits;
  readonly pages: PageServices;
}

/** One request to the end point or one of its pages. */
export interface Visit {
  readonly message: Message;
  /** The parameters of the query, each once; empty for the end point itself, which reads its own. */
  readonly query: ReadonlyMap<string, string>;
  /** The parameters of the form that was posted. */
  readonly form: ReadonlyMap<string, string>;
  /** The value of the browser's cookie. */
  readonly cookie: string | undefined;
  /** The token end point project whose issuer this shares. */
  readonly tokenProject: TokenProject;
}

/** A page below the authorization end point. One file each; `table.ts` is the list. */
export interface PageType {
  /** Path below the context path. */
  readonly path: string;
  get?(visit: Visit, place: AuthorizationPlace): HttpResponse | Promise<HttpResponse>;
  /** Before it runs, the form was read and the request was not another site's. The form token is the page's own to check. */
  post?(visit: Visit, place: AuthorizationPlace): HttpResponse | Promise<HttpResponse>;
}

/** The address of a page, with its query. */
export function pageUrl(
  { url }: AuthorizationPlace,
  path: string,
  query: Readonly<Record<string, string>> = {},
): string {
  const text = new URLSearchParams(query).toString();
  return url.replace(/\/$/, '') + path + (text === '' ? '' : `?${text}`);
}

/** Sends the browser on by GET (decision 13), wherever it came from. */
export function redirectTo(location: string, cookie?: string): HttpResponse {
  const headers = HeaderList.of({
    Location: location,
    'Cache-Control': 'no-store',
    Pragma: 'no-cache',
    'Referrer-Policy': 'no-referrer',
  });
  if (cookie !== undefined) headers.add('Set-Cookie', cookie);
  return { status: 303, headers, body: '' };
}

/** A page of this end point, with a cookie where one is to be set. */
export function showPage(page: Page, { pages }: AuthorizationPlace, cookie?: string): HttpResponse {
  const response = answerPage(page, pages);
  if (cookie !== undefined) response.headers.add('Set-Cookie', cookie);
  return response;
}
