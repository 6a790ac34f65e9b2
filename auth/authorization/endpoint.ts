import type { AuthorizationEndpoint } from '#core/authorization-endpoint';
import { Refusal, UnavailableError } from '#core/errors';
import type { HttpResponse, Message } from '#core/message';
import { reasonOf } from '#core/reasons/catalogue';
import { readFormBody } from '../checks/media-type.ts';
import { parseForm } from '../form.ts';
import type { IssuerServices } from '../issuer.ts';
import { problemContent } from '../pages/problem.ts';
import { authorize, authorizeByPost } from './authorize.ts';
import { createOwnerCookie } from './cookie.ts';
import { checkSameOrigin } from './form-token.ts';
import { type AuthorizationPlace, showPage, type Visit } from './place.ts';
import { createSignInLimits } from './sign-in-limits.ts';
import { PAGES } from './table.ts';

const NOTHING: ReadonlyMap<string, string> = new Map();

/** Makes the authorization end points (RFC 6749 §3.1), which share what the token end points remember. */
export function createAuthorizationEndpoint(services: IssuerServices): AuthorizationEndpoint {
  const { clock, random, counters } = services;
  return {
    compileAuthorization(settings, context) {
      const { serverGroup, project } = context;
      const origin = serverGroup.authorizationUrl;
      const { directories, sessionExpiryMs, page } = settings;
      const endpoint = `${serverGroup.id}/${project.id}/${context.policy.name}`;
      const place: AuthorizationPlace = {
        settings,
        context,
        services,
        url: origin + (project.contextPath === '/' ? '/' : project.contextPath),
        cookie: createOwnerCookie(origin),
        rules: { serverGroupId: serverGroup.id, directories, sessionExpiryMs },
        limits: createSignInLimits({ limit: settings.failedSignInLimit, endpoint, clock, counters }),
        pages: { look: page, newNonce: () => random.bytes(18).toString('base64') },
      };
      return (message) => visitPage(message, place);
    },
  };
}

/** Finds the page and shows what goes wrong on a page too: people are here, not programs. */
async function visitPage(message: Message, place: AuthorizationPlace): Promise<HttpResponse> {
  try {
    return await findPage(message, place);
  } catch (error) {
    throw onPage(error, message, place);
  }
}

async function findPage(message: Message, place: AuthorizationPlace): Promise<HttpResponse> {
  const { method, path: whole } = message.request;
  const { settings, services, context, cookie } = place;
  const { contextPath } = context.project;
  const behind = contextPath === '/' ? whole : whole.slice(contextPath.length);
  const isRoot = behind === '/' || behind === '';
  const page = PAGES.find(({ path }) => path === behind);
  if (!isRoot && page === undefined) throw new Refusal('route_unknown', { nearest: contextPath });
  const tokenProject = services.endpoints.findTokenProject(settings.tokenProject);
  if (tokenProject === undefined) throw new Refusal('authorization_not_ready', { tokenProject: settings.tokenProject });
  const seen = { message, query: NOTHING, form: NOTHING, cookie: cookie.read(message), tokenProject };
  if (isRoot && method === 'GET') return authorize(seen, place);
  if (isRoot && method === 'POST') return authorizeByPost(message, place);
  if (page?.get !== undefined && method === 'GET') return page.get(await readVisit(seen, 'query'), place);
  if (page?.post !== undefined && method === 'POST') {
    checkSameOrigin(message);
    return page.post(await readVisit(seen, 'form'), place);
  }
  const allowed = isRoot || page?.post !== undefined ? ['GET', 'POST'] : ['GET'];
  throw new Refusal('method_not_allowed', { allowed }, { headers: { Allow: allowed.join(', ') } });
}

/** Reads what a page reads: the query of a GET, the form of a POST. @throws Refusal `authorization_request` */
async function readVisit(seen: Visit, part: 'query' | 'form'): Promise<Visit> {
  try {
    if (part === 'query') return { ...seen, query: parseForm(seen.message.request.query, 'query') };
    return { ...seen, form: parseForm(await readFormBody(seen.message), 'body') };
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'oauth_request') throw error;
    throw new Refusal('authorization_request', error.facts);
  }
}

function onPage(error: unknown, message: Message, place: AuthorizationPlace): unknown {
  const refusal =
    error instanceof UnavailableError
      ? new Refusal('store_unavailable', { store: place.services.store.kind, detail: error.message })
      : error;
  if (!(refusal instanceof Refusal)) return refusal;
  const { retryAfterMs } = refusal.facts;
  if (refusal.answer !== undefined) {
    sayWhen(refusal.answer, retryAfterMs);
    return refusal;
  }
  const { status, title } = reasonOf(refusal.code);
  const answer = showPage(
    { status, heading: 'This did not work', content: problemContent(title, message.requestId) },
    place,
  );
  for (const [name, value] of Object.entries(refusal.headers ?? {})) answer.headers.set(name, value);
  sayWhen(answer, retryAfterMs);
  return new Refusal(refusal.code, refusal.facts, { answer, caller: refusal.caller });
}

/** When to come back (RFC 9110 §10.2.3): as long as a limit lasts, and in a second when something is away. */
function sayWhen({ status, headers }: HttpResponse, retryAfterMs: unknown): void {
  if (typeof retryAfterMs === 'number') headers.set('Retry-After', String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
  else if (status === 503) headers.set('Retry-After', '1');
}
