import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../child.ts';
import { type Authorization, redirectUri } from '../../flows.ts';

/** What the bench calls at a Gatewright. */
export interface Projects {
  readonly tokenUrl: string;
  /** Asks for a token and the upstream's API behind it. */
  readonly apiUrl: string;
  /** The same upstream without verification. */
  readonly plainUrl: string;
  readonly client: { readonly id: string; readonly secret: string };
}

/** A Gatewright and its command. */
interface Server {
  readonly bin: string;
  readonly env: Readonly<Record<string, string>>;
  readonly gateway: string;
}

/** Adds sign-in pages and somebody who signs in, once a run. @throws with the CLI's words. */
export async function openSignIn({ bin, env, gateway }: Server): Promise<Authorization> {
  const run = (...args: string[]) => runCommand(bin, args, { env });
  const owner = { name: 'alice', password: 'correct horse battery staple' };
  const dir = env.GATEWRIGHT_DATA_DIR ?? '';
  const passwordFile = join(dir, '..', 'alice');
  writeFileSync(passwordFile, owner.password, { mode: 0o600 });
  const [client] = JSON.parse(await run('client', 'list', '--json')).items as { readonly name: string }[];
  await run('client', 'set', client?.name ?? '', `redirectUris=${redirectUri}`);
  const kind = 'kind=oauth-authorization-endpoint';
  await run('project', 'create', 'Sign in', kind, 'contextPath=/authorize', 'tokenProject=access-token');
  await run('deploy', 'sign-in', '--to', 'local');
  await run('resource-owner', 'create', owner.name);
  await run('resource-owner', 'set-password', owner.name, '--secret-file', passwordFile);
  return { url: new URL('/authorize', gateway).href, owner };
}

/** Makes the projects through the CLI, as a person would. @throws with the CLI's words. */
export async function openProjects(server: Server & { readonly upstream: string }): Promise<Projects> {
  const run = (...args: string[]) => runCommand(server.bin, args, { env: server.env });
  const story = parseQuickstart(await run('quickstart', '--target', server.upstream, '--json'));
  let { plainUrl } = story;
  if (plainUrl === undefined) {
    await run('project', 'create', 'Plain bench', '--kind', 'http', '--path', '/plain', '--target', server.upstream);
    await run('deploy', 'plain-bench', '--to', 'local');
    plainUrl = new URL('/plain/', server.gateway).href;
  }
  const client = { id: story.consumerKey, secret: story.consumerSecret };
  return { tokenUrl: story.tokenUrl, apiUrl: story.apiUrl, plainUrl, client };
}

interface Quickstart {
  readonly tokenUrl: string;
  readonly apiUrl: string;
  readonly plainUrl: string | undefined;
  readonly consumerKey: string;
  readonly consumerSecret: string;
}

function parseQuickstart(output: string): Quickstart {
  const answer = JSON.parse(output.trim()) as Record<string, unknown>;
  const read = (name: string) => {
    const value = answer[name];
    if (typeof value !== 'string') throw new Error(`quickstart gave no ${name}`);
    return value;
  };
  const plainUrl = answer.plainUrl;
  return {
    tokenUrl: read('tokenUrl'),
    apiUrl: read('apiUrl'),
    plainUrl: typeof plainUrl === 'string' ? plainUrl : undefined,
    consumerKey: read('consumerKey'),
    consumerSecret: read('consumerSecret'),
  };
}
