import type { Client } from '#core/model/client';
import type { Attachment } from '#core/model/endpoint';
import type { Policy } from '#core/model/policy';
import type { Product } from '#core/model/product';
import type { Project } from '#core/model/project';
import { DEFAULT_RESOURCE, type Resource } from '#core/model/resource';
import type { Subscription } from '#core/model/subscription';
import type { Target } from '#core/model/target';
import { type Api, at } from './api.ts';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-code.ts';

/** Says what was made or found. */
export type Tell = (step: string, isNew: boolean) => void;

/** Names of what the quickstart makes. */
export const QUICKSTART = {
  tokenProject: 'access-token',
  ordersProject: 'orders-api',
  plainProject: 'plain-api',
  openProject: 'open-api',
  product: 'shop',
  client: 'mobile-shop',
  subscription: 'mobile-shop-shop',
  serverGroup: 'local',
} as const;

const VERIFY = 'oauth-verify-access-token';

/** The projects of the quickstart, in the order of making. */
export async function ensureProjects(api: Api, target: string | undefined, tell: Tell): Promise<Project[]> {
  const targetUrl = target ?? 'echo:';
  const wanted = [
    {
      name: QUICKSTART.tokenProject,
      displayName: 'AccessToken',
      kind: 'oauth-token-endpoint',
      contextPath: '/token',
      accessTokenExpiryMs: 600_000,
    },
    {
      name: QUICKSTART.ordersProject,
      displayName: 'Orders API',
      kind: 'http',
      contextPath: '/orders',
      targetUrl,
      secureWith: 'oauth',
    },
    {
      name: QUICKSTART.plainProject,
      displayName: 'Plain API',
      kind: 'http',
      contextPath: '/plain',
      targetUrl,
      secureWith: 'none',
    },
    {
      name: QUICKSTART.openProject,
      displayName: 'Open API',
      kind: 'http',
      contextPath: '/open',
      targetUrl,
      secureWith: 'none',
    },
  ] as const;
  const words = {
    [QUICKSTART.tokenProject]: 'OAuth Token End Point, tokens live 10 min',
    [QUICKSTART.ordersProject]: 'secured with OAuth 2.0 Access Tokens',
    [QUICKSTART.plainProject]: 'OAuth Verify Access Token policy added by hand, token in the query',
    [QUICKSTART.openProject]: 'open to all',
  };
  const projects: Project[] = [];
  for (const one of wanted) {
    const found = await api.find<Project>(at`/projects/${one.name}`);
    if (found !== undefined && found.kind !== one.kind) throw inTheWay(found);
    projects.push(found ?? (await api.post<Project>('/projects', one)));
    tell(
      `Project ${one.displayName} at ${found?.contextPath ?? one.contextPath}: ${words[one.name]}`,
      found === undefined,
    );
    if (target !== undefined && found !== undefined && one.kind === 'http') await retarget(api, one.name, target);
  }
  await ensurePlainPolicy(api);
  return projects;
}

function inTheWay({ name, kind }: Project): CliError {
  return new CliError(`There is a project ${name} already, and it is of kind ${kind}.`, {
    exit: EXIT.refused,
    fixes: [
      { text: 'The quickstart needs that name: use an empty data directory.', command: 'gatewright start --dir ./try' },
    ],
  });
}

async function retarget(api: Api, project: string, url: string): Promise<void> {
  const path = at`/projects/${project}/targets/default`;
  const target = await api.find<Target>(path);
  if (target === undefined || (target.urls.length === 1 && target.urls[0]?.url === url)) return;
  await api.patch(path, { urls: [{ url }] }, target.revision);
}

/** Plain API gets its policy by hand, as for a project that existed before. */
async function ensurePlainPolicy(api: Api): Promise<void> {
  const base = at`/projects/${QUICKSTART.plainProject}`;
  if ((await api.find<Policy>(`${base}/policies/${VERIFY}`)) === undefined) {
    await api.post(`${base}/policies`, { name: VERIFY, type: VERIFY, config: { tokenIn: ['query'] } });
  }
  const path = `${base}/resources/${DEFAULT_RESOURCE.name}`;
  const resource = await api.get<Resource>(path);
  const attached = resource.endpoints.proxyRequest;
  if (attached.some(({ policy }) => policy === VERIFY)) return;
  const attachments: Attachment[] = [{ policy: VERIFY, enabled: true }, ...attached];
  await api.put(`${path}/endpoints/proxyRequest`, { attachments }, resource.revision);
}

/** Product, client and subscription. */
export async function ensureApps(
  api: Api,
  tell: Tell,
): Promise<{ readonly product: Product; readonly client: Client; readonly subscription: Subscription }> {
  const foundProduct = await api.find<Product>(at`/products/${QUICKSTART.product}`);
  const product =
    foundProduct ??
    (await api.post<Product>('/products', {
      name: QUICKSTART.product,
      displayName: 'Shop',
      projects: [QUICKSTART.ordersProject, QUICKSTART.plainProject],
    }));
  tell('Product Shop with Orders API and Plain API', foundProduct === undefined);
  const foundClient = await api.find<Client>(at`/clients/${QUICKSTART.client}`);
  const client =
    foundClient ?? (await api.post<Client>('/clients', { name: QUICKSTART.client, displayName: 'Mobile shop' }));
  tell('Client Mobile shop', foundClient === undefined);
  const foundSubscription = await api.find<Subscription>(at`/subscriptions/${QUICKSTART.subscription}`);
  const subscription =
    foundSubscription ??
    (await api.post<Subscription>('/subscriptions', {
      name: QUICKSTART.subscription,
      client: client.name,
      product: product.name,
    }));
  tell(`Subscription of Mobile shop to Shop: ${subscription.state}`, foundSubscription === undefined);
  return { product, client, subscription };
}
