import type { ConsumerKeys, NewSecret } from '#core/model/consumer-key';
import type { ServerGroup } from '#core/model/server-group';
import { type Api, at } from '../api.ts';
import { CliError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { groupUrl } from '../deployment-view.ts';
import { EXIT } from '../exit-code.ts';
import { deployProjects } from '../quickstart-deploy.ts';
import { ensureApps, ensureProjects, QUICKSTART, type Tell } from '../quickstart-objects.ts';
import { openSecretFile } from '../secret-file.ts';
import type { Session } from '../session.ts';
import { type Credentials, requestIdOf, requestToken, sendToGateway, type TokenAnswer } from '../token-request.ts';
import type { Status } from './status.ts';

const SOON_MS = 10_000;

/** `gatewright quickstart`: the whole job of a first day, in one command that may be repeated (decision 32). */
export const quickstart: Run = async (session, input) => {
  const { out } = session;
  session.doing = 'finish the quickstart';
  const outFile = input.text('out');
  using file = outFile === undefined ? undefined : openSecretFile(session.cwd, outFile);
  const api = await session.api();
  const tell: Tell = (step, isNew) =>
    out.line(`${out.style.green('✔')} ${step}${isNew ? '' : out.style.dim('  (was there)')}`);
  const projects = await ensureProjects(api, input.text('target'), tell);
  const gateway = await gatewayUrl(session, api);
  await deployProjects(session, api, { projects, tell });
  const { product, client, subscription } = await ensureApps(api, tell);
  const keys = await ensureKeys(api, input.flag('newSecret'));
  tell(`Consumer key ${keys.consumerKey}, secret ${keys.secretHint}`, keys.consumerSecret !== undefined);

  const urlOf = (name: string) => gateway + (projects.find((project) => project.name === name)?.contextPath ?? '');
  const urls = {
    tokenUrl: urlOf(QUICKSTART.tokenProject),
    apiUrl: urlOf(QUICKSTART.ordersProject),
    plainUrl: urlOf(QUICKSTART.openProject),
    queryApiUrl: urlOf(QUICKSTART.plainProject),
  };
  const made = await makeCalls(session, urls, keys);
  if (keys.consumerSecret !== undefined)
    file?.saveVariables({ GATEWRIGHT_CONSUMER_KEY: keys.consumerKey, GATEWRIGHT_CONSUMER_SECRET: keys.consumerSecret });
  out.json({
    console: await consoleUrl(session, api),
    gateway,
    ...urls,
    consumerKey: keys.consumerKey,
    consumerSecret: keys.consumerSecret ?? null,
    secretHint: keys.secretHint,
    projects: Object.fromEntries(projects.map(({ name, id }) => [name, id])),
    product: product.id,
    client: client.id,
    subscription: subscription.id,
    requestIds: made.requestIds,
  });
  tellTheEnd(session, {
    urls,
    keys,
    accessToken: made.accessToken,
    refused: made.requestIds.refused,
    isShown: input.flag('show'),
    savedTo: file?.path,
  });
  return EXIT.done;
};

interface Urls {
  readonly tokenUrl: string;
  readonly apiUrl: string;
  /** Open API: no token needed. */
  readonly plainUrl: string;
  /** Plain API: token in the query. */
  readonly queryApiUrl: string;
}

interface Keys {
  readonly consumerKey: string;
  /** Only when it was made just now. */
  readonly consumerSecret: string | undefined;
  readonly secretHint: string;
}

async function ensureKeys(api: Api, isNewWanted: boolean): Promise<Keys> {
  const path = at`/subscriptions/${QUICKSTART.subscription}/keys`;
  const { consumerKey, secrets } = await api.get<ConsumerKeys>(path);
  const current = secrets.findLast(({ state }) => state !== 'ended');
  if (consumerKey !== undefined && current !== undefined && !isNewWanted) {
    const newest =
      secrets.filter(({ state }) => state === 'current').toSorted((a, b) => b.createdAt - a.createdAt)[0] ?? current;
    return { consumerKey, consumerSecret: undefined, secretHint: newest.hint };
  }
  const made = await api.post<NewSecret>(path, {});
  return { consumerKey: made.consumerKey, consumerSecret: made.consumerSecret, secretHint: made.secret?.hint ?? '' };
}

/** One call that is answered and one that is refused. Without a secret the first goes to Open API. */
async function makeCalls(session: Session, urls: Urls, keys: Keys) {
  const { out } = session;
  let accessToken: string | undefined;
  if (keys.consumerSecret !== undefined) {
    const token = await firstToken(session, urls.tokenUrl, { ...keys, consumerSecret: keys.consumerSecret });
    accessToken = token.accessToken;
    out.line(`${out.style.green('✔')} POST ${urls.tokenUrl}  a token for ${token.expiresIn} s`);
  }
  const good = await callOnce(accessToken === undefined ? `${urls.plainUrl}/1` : `${urls.apiUrl}/1`, accessToken);
  if (good.status >= 400) {
    throw new CliError(`The call of ${good.url} was answered ${good.status}.`, {
      exit: EXIT.unexpected,
      requestId: good.requestId,
      fixes: [{ text: 'See why.', command: `gatewright why ${good.requestId ?? 'REQUEST-ID'}` }],
    });
  }
  out.line(
    `${out.style.green('✔')} GET ${good.url}  ${good.status}${accessToken === undefined ? '' : ' with the token'}`,
  );
  const bad = await callOnce(`${urls.apiUrl}/1`, undefined);
  out.line(`${out.style.green('✔')} GET ${bad.url}  ${bad.status} without one, as it should be`);
  return { accessToken, requestIds: { ok: good.requestId ?? null, refused: bad.requestId ?? null } };
}

/** The first token of a new secret: gateways hear of the secret within a moment, and until then say that it is wrong. */
async function firstToken(session: Session, tokenUrl: string, credentials: Credentials): Promise<TokenAnswer> {
  let refused: unknown;
  const token = await soon(session, () =>
    requestToken(tokenUrl, credentials).catch((error: unknown) => {
      if (!(error instanceof CliError) || error.code !== 'invalid_client') throw error;
      refused = error;
      return undefined;
    }),
  );
  if (token === undefined) throw refused;
  return token;
}

async function callOnce(url: string, token: string | undefined) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await sendToGateway({ method: 'GET', url: new URL(url), headers });
  return { url, status: answer.status, requestId: requestIdOf(answer) };
}

interface End {
  readonly urls: Urls;
  readonly keys: Keys;
  readonly accessToken: string | undefined;
  readonly refused: string | null;
  readonly isShown: boolean;
  readonly savedTo: string | undefined;
}

function tellTheEnd({ out }: Session, { urls, keys, accessToken, refused, isShown, savedTo }: End): void {
  const { style } = out;
  out.line();
  if (refused !== null) out.line(`Why the last call was refused:  ${style.cyan(`gatewright why ${refused}`)}`);
  if (keys.consumerSecret === undefined)
    out.line(
      `The secret was shown when it was made. A further one:  ${style.cyan('gatewright quickstart --new-secret --out .env')}`,
    );
  else if (isShown) out.line(`Consumer secret (shown this once):  ${keys.consumerSecret}`);
  else if (savedTo !== undefined) out.line(`Key and secret are in ${savedTo}, readable by you only.`);
  else
    out.line(
      `The secret is not shown. One of your own, into a file:  ${style.cyan('gatewright client rotate mobile-shop --out .env')}`,
    );
  out.line();
  if (accessToken === undefined) {
    out.line(style.bold('Try it:'));
    out.line(`curl ${urls.plainUrl}/hello`);
    return;
  }
  out.line(style.bold('Try it, for the next 10 minutes:'));
  out.line(`curl -H 'Authorization: Bearer ${accessToken}' ${urls.apiUrl}/1`);
}

/** Where the gateways of Local are reached; one that starts just now registers within a second. */
async function gatewayUrl(session: Session, api: Api): Promise<string> {
  const group = await api.get<ServerGroup>(at`/server-groups/${QUICKSTART.serverGroup}`);
  const url = await soon(session, () => groupUrl(api, group));
  if (url !== undefined) return url;
  throw new CliError('No gateway of Local runs.', {
    exit: EXIT.unreachable,
    fixes: [{ text: 'Start one.', command: 'gatewright start' }],
  });
}

/** Asks again until there is something, for {@link SOON_MS} at most. */
async function soon<T>(session: Session, ask: () => Promise<T | undefined>): Promise<T | undefined> {
  const until = session.clock.monotonic() + SOON_MS;
  for (;;) {
    const found = await ask();
    if (found !== undefined || session.clock.monotonic() >= until) return found;
    await session.sleep(100);
  }
}

/** Where the manager listens: as it says, else as it is configured here; null when it took any free port. */
async function consoleUrl({ env }: Session, api: Api): Promise<string | null> {
  if (api.place.kind === 'url') return api.place.url.origin;
  const { console: said } = await api.get<Status>('/status');
  const port = env.GATEWRIGHT_MANAGER_PORT || '9000';
  return said ?? (port === '0' ? null : `http://127.0.0.1:${port}`);
}
