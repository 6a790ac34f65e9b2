import * as z from 'zod';
import { isProxied, PROJECT_KINDS, type ProjectKind } from '#core/model/project-kind';
import { isLoopbackUrl, type ServerGroup } from '#core/model/server-group';
import { type ProjectSnapshot, projectSnapshot } from '#core/model/version';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { readHead } from '../feed/append.ts';
import { groupUrl } from '../overview/group-url.ts';
import { check, type DeployCheck } from './deploy-checks.ts';
import { quoted } from './diff-words.ts';
import type { Placed } from './group-checks.ts';

const KIND = 'oauth-authorization-endpoint';
const TOKEN_KIND = 'oauth-token-endpoint';

const tokenProjectOf = z.object({ tokenProject: z.string() });
const codeFor = z.object({ tokenProject: z.string(), responseTypes: z.array(z.string()) });
const grants = z.object({ grantTypes: z.array(z.string()) });
const kindSchema = z.enum(PROJECT_KINDS);

/** What else runs on a server group. */
interface Neighbour {
  readonly name: string;
  readonly displayName: string;
  readonly kind: ProjectKind;
}

/** The token end point project whose issuer an authorization end point shares is a project of that kind and runs on the same server group. */
export async function checkTokenProject(reader: Reader, { snapshot, group }: Placed): Promise<DeployCheck> {
  const good = 'The token end points that it names run here.';
  if (snapshot.project.kind !== KIND) return check('token-project', good, []);
  const live = await listNeighbours(reader, snapshot, group);
  const named = snapshot.policies.flatMap(({ name, type, config }) => {
    const parsed = type === KIND ? tokenProjectOf.safeParse(config) : undefined;
    return parsed?.success === true ? [{ policy: name, project: parsed.data.tokenProject }] : [];
  });
  const missing = named.filter(
    ({ project }) => !live.some(({ name, kind }) => name === project && kind === TOKEN_KIND),
  );
  return {
    ...check(
      'token-project',
      good,
      missing.map(({ policy, project }) => ({
        pointer: `/policies/${policy}/config/tokenProject`,
        code: 'token_project_not_deployed',
        message: `No OAuth Token End Point ${quoted(project)} runs in ${group.displayName}; the authorization end point shares its issuer.`,
      })),
    ),
    fixes: missing.map(({ project }) => ({
      text: 'Deploy it first.',
      command: `gatewright deploy ${project} --to ${group.name}`,
    })),
  };
}

/**
 * Codes are of use only where the token end point takes them: it is said, not refused, since either project may come first. Without any response
 * type nobody gets a token.
 */
export async function checkResponseTypes(reader: Reader, { snapshot, group }: Placed): Promise<DeployCheck> {
  const name = 'response-types';
  if (![KIND, TOKEN_KIND].some((kind) => kind === snapshot.project.kind))
    return check(name, 'It has no part in the authorization.', []);
  const good = 'The token end points take what the authorization end points give.';
  const live = await readLive(reader, group);
  const projects = [snapshot, ...live.filter(({ project }) => project.name !== snapshot.project.name)];
  const lines = projects.flatMap(({ project, policies }) =>
    policies.flatMap(({ type, config }) => {
      const asked = type === KIND ? codeFor.safeParse(config) : undefined;
      if (asked?.success !== true || !asked.data.responseTypes.includes('code')) return [];
      const { tokenProject } = asked.data;
      if (project !== snapshot.project && tokenProject !== snapshot.project.name) return [];
      const settings = projects
        .find((one) => one.project.name === tokenProject)
        ?.policies.find((policy) => policy.type === TOKEN_KIND)?.config;
      const taken = grants.safeParse(settings);
      return !taken.success || taken.data.grantTypes.includes('authorization_code')
        ? []
        : [
            `${quoted(project.displayName)} offers the response type code, but ${quoted(tokenProject)} does not offer the grant type authorization_code: requests for codes are refused.`,
          ];
    }),
  );
  return check(name, lines.length === 0 ? good : lines.join(' '), []);
}

/** What runs on a server group. */
async function readLive(reader: Reader, group: ServerGroup): Promise<ProjectSnapshot[]> {
  const rows = await reader
    .selectFrom('deployments')
    .innerJoin('versions', (join) =>
      join
        .onRef('versions.project_id', '=', 'deployments.project_id')
        .onRef('versions.number', '=', 'deployments.version'),
    )
    .innerJoin('projects', 'projects.id', 'deployments.project_id')
    .select('versions.snapshot')
    .where('deployments.server_group_id', '=', group.id)
    .where('deployments.state', '=', 'live')
    .where('projects.kind', 'in', [KIND, TOKEN_KIND])
    .execute();
  return rows.map(({ snapshot }) => projectSnapshot.parse(JSON.parse(snapshot)));
}

/**
 * Decision 11: the sign-in pages share their origin with no published API: its pages could read and submit theirs. With a host of its own in the
 * authorization URL the gateways see to it. On loopback it is allowed, and said.
 */
export async function checkSignInOrigin(
  { services }: ManagerContext,
  reader: Reader,
  { snapshot, group }: Placed,
): Promise<DeployCheck> {
  const name = 'sign-in-origin';
  const { kind } = snapshot.project;
  if (kind !== KIND && !isProxied(kind)) return check(name, 'It has no part in the sign-in pages.', []);
  const gateways = services.gateways.list(await readHead(reader));
  const publicUrl = groupUrl(group, gateways);
  const authorizationUrl = group.authorizationUrl === '' ? publicUrl : group.authorizationUrl;
  const host = hostOf(authorizationUrl);
  const good = 'The sign-in pages have a host of their own.';
  if (kind !== KIND && host !== undefined && snapshot.project.hosts.includes(host) && host !== hostOf(publicUrl))
    return check(name, good, [
      {
        pointer: '/project/hosts',
        code: 'sign_in_host',
        message: `${host} is the host of the sign-in pages of ${group.displayName}: no API is reached there.`,
      },
    ]);
  if (host !== hostOf(publicUrl)) return check(name, good, []);
  const neighbours = await listNeighbours(reader, snapshot, group);
  const other = neighbours.find((one) => (kind === KIND ? isProxied(one.kind) : one.kind === KIND));
  if (other === undefined) return check(name, 'No published API shares the origin of the sign-in pages.', []);
  const shared = `Sign-in pages and published APIs (here ${quoted(other.displayName)}) share the origin ${authorizationUrl ?? 'of the gateways'}`;
  // Without an address nothing runs yet; gateways of the embedded default listen on loopback.
  if (authorizationUrl === undefined || isLoopbackUrl(authorizationUrl))
    return check(name, `${shared}. That is for development: a page of an API could submit the consent page.`, []);
  return {
    ...check(name, good, [
      {
        pointer: '',
        code: 'sign_in_origin_shared',
        message: `${shared}: a page of an API could submit the consent page.`,
      },
    ]),
    fixes: [
      {
        text: 'Give the sign-in pages a host of their own.',
        command: `gatewright group set ${group.name} authorizationUrl=https://login.example.com`,
      },
    ],
  };
}

/** The other projects that run on a server group. */
async function listNeighbours(reader: Reader, { project }: ProjectSnapshot, group: ServerGroup): Promise<Neighbour[]> {
  const rows = await reader
    .selectFrom('deployments')
    .innerJoin('projects', 'projects.id', 'deployments.project_id')
    .select(['projects.name', 'projects.display_name', 'projects.kind'])
    .where('deployments.server_group_id', '=', group.id)
    .where('deployments.state', '=', 'live')
    .where('projects.name', '!=', project.name)
    .orderBy('projects.display_key')
    .execute();
  return rows.map((row) => ({ name: row.name, displayName: row.display_name, kind: kindSchema.parse(row.kind) }));
}

function hostOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : URL.parse(url)?.hostname;
}
