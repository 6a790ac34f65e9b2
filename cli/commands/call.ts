import { readFile } from 'node:fs/promises';
import { METHODS } from 'node:http';
import path from 'node:path';
import type { Policy } from '#core/model/policy';
import type { Project } from '#core/model/project';
import type { ServerGroup } from '#core/model/server-group';
import { type Api, at } from '../api.ts';
import { CliError, usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { findCredentials, refuseSecretArgument } from '../credentials.ts';
import { groupUrl } from '../deployment-view.ts';
import { took } from '../duration.ts';
import { EXIT } from '../exit-code.ts';
import { getThing } from '../lookup.ts';
import { nounOf } from '../noun.ts';
import { plain } from '../plain.ts';
import { chooseServerGroup } from '../server-group-choice.ts';
import type { CommandInput, Session } from '../session.ts';
import { requestIdOf, requestToken, sendToGateway } from '../token-request.ts';
import type { Status } from './status.ts';

/** `gatewright call`: a token, the call, and the way to look into it. The answer's body is the result. */
export const call: Run = async (session, input) => {
  const { out, clock } = session;
  const method = input.argument(1).toUpperCase();
  if (!METHODS.includes(method)) throw usageError(`${input.argument(1)} is no HTTP method.`);
  refuseSecretArgument(input);
  session.doing = `call ${input.argument(0)}`;
  const api = await session.api();
  const { thing: project } = await getThing<Project>(api, nounOf('project'), input.argument(0));
  const group = await chooseServerGroup(api, input.text('on'), '--on');
  const base = await groupUrl(api, group);
  if (base === undefined) {
    throw new CliError(`No gateway of ${group.displayName} runs.`, {
      exit: EXIT.unreachable,
      fixes: [{ text: 'Start one.', command: 'gatewright start' }],
    });
  }
  const url = new URL(base + project.contextPath.replace(/\/$/, '') + withSlash(input.argument(2)));
  const say = (text: string) => void (input.flag('verbose') && out.note(out.style.dim(text)));
  const headers = headersOf(input.texts('header'));
  const body = await bodyOf(session, input.text('data'));
  const token = await tokenFor(session, api, { input, group, base, say });
  if (token === undefined)
    out.note('No consumer secret was given (--env-file FILE, --secret -): calling without a token.');
  else if ((await tokenPlace(api, project)) === 'query') url.searchParams.set('access_token', token);
  else headers.authorization = `Bearer ${token}`;

  say(`${method} ${url.origin}${url.pathname}`);
  const startedAt = clock.monotonic();
  const answer = await sendToGateway({ method, url, headers, body });
  const ms = clock.monotonic() - startedAt;
  const requestId = requestIdOf(answer);
  for (const [name, value] of Object.entries(answer.headers)) say(`${name}: ${plain(String(value))}`);
  const text = answer.body.toString('utf8');
  out.json({
    status: answer.status,
    headers: answer.headers,
    body: text,
    requestId: requestId ?? null,
    tookMs: Math.round(ms),
  });
  if (!out.isJson && text !== '') out.raw(text.endsWith('\n') ? text : `${text}\n`);
  const isGood = answer.status < 400;
  const verdict = `${isGood ? out.style.green('✔') : out.style.red('✖')} ${answer.status} in ${took(ms)}`;
  out.note(
    `${verdict}${requestId === undefined ? '' : out.style.dim(`  ${isGood ? '' : 'Why: '}gatewright why ${requestId}`)}`,
  );
  if (isGood) return EXIT.done;
  return answer.status < 500 ? EXIT.refused : EXIT.unexpected;
};

interface Place {
  readonly input: CommandInput;
  readonly group: ServerGroup;
  readonly base: string;
  readonly say: (text: string) => void;
}

async function tokenFor(session: Session, api: Api, { input, group, base, say }: Place): Promise<string | undefined> {
  const credentials = await findCredentials(session, api, input);
  if (credentials === undefined) return undefined;
  const [projects, status] = await Promise.all([
    api.list<Project>('/projects', { kind: 'oauth-token-endpoint' }),
    api.get<Status>('/status'),
  ]);
  const live = status.projects.filter((one) => one.live.some(({ serverGroup }) => serverGroup === group.name));
  const issuer = projects.find(({ name }) => live.some((one) => one.name === name));
  if (issuer === undefined) {
    throw new CliError(`No token end point runs in ${group.displayName}.`, {
      exit: EXIT.notFound,
      fixes: [
        {
          text: 'Make one.',
          command: 'gatewright project create AccessToken kind=oauth-token-endpoint contextPath=/token',
        },
        { text: 'And deploy it.', command: `gatewright deploy access-token --to ${group.name}` },
      ],
    });
  }
  const tokenUrl = base + issuer.contextPath;
  say(`POST ${tokenUrl} as ${credentials.consumerKey}`);
  const { accessToken, expiresIn } = await requestToken(tokenUrl, credentials, input.text('scope'));
  say(`A token for ${expiresIn} s.`);
  return accessToken;
}

/** Where the project looks for a token: in the query only when it does not read the header. */
async function tokenPlace(api: Api, project: Project): Promise<'header' | 'query'> {
  const policies = await api.list<Policy>(at`/projects/${project.name}/policies`);
  const places = policies.find(({ type }) => type === 'oauth-verify-access-token')?.config.tokenIn;
  return Array.isArray(places) && !places.includes('header') && places.includes('query') ? 'query' : 'header';
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const cut = line.indexOf(':');
    if (cut <= 0) throw usageError(`"${line}" is no header field. Write "Name: value".`);
    headers[line.slice(0, cut).trim().toLowerCase()] = line.slice(cut + 1).trim();
  }
  return headers;
}

async function bodyOf(session: Session, data: string | undefined): Promise<string | undefined> {
  if (data === '-') return session.readStdin();
  if (data?.startsWith('@') === true) return readFile(path.resolve(session.cwd, data.slice(1)), 'utf8');
  return data;
}

function withSlash(text: string): string {
  return text === '' || text.startsWith('/') || text.startsWith('?') ? text : `/${text}`;
}
