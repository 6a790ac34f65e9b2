import { Refusal } from '#core/errors';
import type { CompiledProject, CompiledResource } from './deployment.ts';
import type { DeploymentSet } from './deployment-set.ts';
import type { Exchange } from './exchange.ts';
import { parseHost } from './host.ts';
import { type AllowedForm, isPlainPath, normalizePath, otherReadings } from './path.ts';
import type { ResourceMatch } from './resource-router.ts';
import { pathBehind } from './router.ts';

const WELL_KNOWN = '/.well-known/';
const METADATA = '/.well-known/oauth-authorization-server';

/**
 * Splits a request target into the exchange's path and query. `http://host/path` is read as a proxy's client sends it (RFC 9112 §3.2.2);
 * its authority has to be the Host.
 * @throws Refusal `request_invalid`
 */
export function readTarget(exchange: Exchange, url: string): void {
  let target = url;
  if (!url.startsWith('/')) {
    const absolute = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url);
    if (absolute === null) throw new Refusal('request_invalid', { problem: 'target_form' });
    if (parseHost(absolute[1] ?? '') !== exchange.host)
      throw new Refusal('request_invalid', { problem: 'target_form', detail: 'its host is not the Host field' });
    target = absolute[2] ?? '';
    if (!target.startsWith('/')) target = `/${target}`;
  }
  const mark = target.indexOf('?');
  exchange.path = mark === -1 ? target : target.slice(0, mark);
  if (mark === -1) return;
  exchange.query = target.slice(mark + 1);
  exchange.sentQuery = exchange.query;
  if (/[^\x21-\xFF]|[#\x7F]/.test(exchange.query))
    throw new Refusal('request_invalid', { problem: 'target_form', detail: 'characters in the query' });
}

/**
 * Finds project and resource of an exchange and writes them, the normal path, its parameters and the path for the target into it.
 * @throws Refusal `path_ambiguous`, `route_unknown`, `method_not_allowed`
 */
export function routeExchange(exchange: Exchange, set: DeploymentSet): void {
  let forms: readonly AllowedForm[] = [];
  if (!isPlainPath(exchange.path)) {
    const normal = normalizePath(exchange.path);
    if (normal.refused !== undefined) throw new Refusal('path_ambiguous', { form: normal.refused });
    exchange.path = normal.path;
    forms = normal.forms;
    if (normal.path.startsWith(WELL_KNOWN)) {
      routeMetadata(exchange, set, forms);
      return;
    }
  }
  const { path } = exchange;
  const published = findPublished(exchange.host, path, set);
  if (published === undefined) throw forms.length > 0 ? ambiguous(forms) : new Refusal('route_unknown');
  const project = published.value;
  exchange.project = project;
  const refusedForm = forms.find((form) => !project.allowedForms.includes(form));
  if (refusedForm !== undefined) throw ambiguous([refusedForm]);
  const rest = pathBehind(project.contextPath, path);
  const match = project.resources.find(exchange.method, rest);
  if (match === undefined) throw new Refusal('route_unknown');
  exchange.resource = match.value;
  if (match.allow !== undefined) throw methodNotAllowed(match.value.name, match.allow);
  if (forms.length > 0) checkReadings(exchange, set, forms, match);
  exchange.pathParameters = match.parameters;
  exchange.targetPath = project.keepContextPath ? path : isAddress(project, path) ? '' : rest;
}

/**
 * What is published at a place. Where the sign-in pages have a host of their own nothing else is there, so that no other page shares their
 * origin and their cookies; and they are not on the host of the public URL (decision 11).
 */
function findPublished(host: string, path: string, set: DeploymentSet): ReturnType<DeploymentSet['router']['find']> {
  const { authorizationHost } = set;
  if (authorizationHost === undefined) return set.router.find(host, path);
  if (host === authorizationHost) return set.authorization.find(host, path);
  const published = set.router.find(host, path);
  return published?.value.authorizationEndpoint === true && host === set.publicHost ? undefined : published;
}

/** A SOAP service is one address: /orders is passed to the target's URL as it stands, without a slash behind it. */
function isAddress({ soap, contextPath }: CompiledProject, path: string): boolean {
  return soap && path.length === contextPath.length;
}

/** `/.well-known/oauth-authorization-server<context path>` belongs to the token end point there; the rest of `/.well-known/` to nobody. */
function routeMetadata(exchange: Exchange, set: DeploymentSet, forms: readonly AllowedForm[]): void {
  if (forms.length > 0) throw ambiguous(forms);
  const { path } = exchange;
  const behind = path === METADATA ? '/' : path.startsWith(`${METADATA}/`) ? path.slice(METADATA.length) : undefined;
  const published = behind === undefined ? undefined : set.metadata.find(exchange.host, behind);
  const resource = published?.value.defaultResource;
  if (published === undefined || resource === undefined || published.contextPath !== behind)
    throw new Refusal('route_unknown');
  exchange.project = published.value;
  exchange.resource = resource;
  exchange.targetPath = path;
}

/**
 * The project lets ambiguous spellings through: a target may read them as another path. No reading may lead to another project, to a method
 * that is not taken, or past a policy that stands before the resource it leads to.
 */
function checkReadings(
  exchange: Exchange,
  set: DeploymentSet,
  forms: readonly AllowedForm[],
  match: ResourceMatch<CompiledResource>,
): void {
  const project: CompiledProject | undefined = exchange.project;
  for (const reading of otherReadings(exchange.path, forms)) {
    const other = findPublished(exchange.host, reading, set);
    const found =
      other === undefined || other.value !== project
        ? undefined
        : project.resources.find(exchange.method, pathBehind(project.contextPath, reading));
    const isSafe =
      found !== undefined &&
      found.allow === undefined &&
      found.value.pipeline.guards.isSubsetOf(match.value.pipeline.guards);
    if (!isSafe) throw ambiguous(forms);
  }
}

function ambiguous(forms: readonly AllowedForm[]): Refusal {
  return new Refusal('path_ambiguous', { form: forms[0] });
}

function methodNotAllowed(resource: string, allow: readonly string[]): Refusal {
  return new Refusal('method_not_allowed', { allowed: allow, resource }, { headers: { Allow: allow.join(', ') } });
}
