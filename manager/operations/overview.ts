import * as z from 'zod';
import {
  clientOverview,
  clientRow,
  dashboardOverview,
  deployChoices,
  deploymentRow,
  headerOverview,
  productOverview,
  productRow,
  projectOverview,
  projectRow,
  serverGroupOverview,
  serverGroupRow,
  subscriptionOverview,
  subscriptionRow,
} from '#core/model/overview/screens';
import { product } from '#core/model/product';
import { PROJECT_KINDS } from '#core/model/project';
import { deploymentFilters } from '../deployments/deployment-list.ts';
import { booleanFilter, listQuery, pageFields, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';
import { showClient, showClients } from '../overview/client.ts';
import { showDashboard } from '../overview/dashboard.ts';
import { showDeployChoices } from '../overview/deploy-choices.ts';
import { showDeployments } from '../overview/deployment-list.ts';
import { showHeader } from '../overview/header.ts';
import { showProduct, showProducts } from '../overview/product.ts';
import { showProject } from '../overview/project.ts';
import { showProjects } from '../overview/project-list.ts';
import { showServerGroup, showServerGroups } from '../overview/server-group.ts';
import { showSubscription, showSubscriptions } from '../overview/subscription.ts';
import { viewerOf } from '../overview/viewer.ts';
import { subscriptionFilters } from '../registry/subscription-filter.ts';

/** What each screen of the console shows, in one answer. */
export const overviewOperations = [
  operation({
    id: 'overview.header',
    method: 'GET',
    path: '/overview/header',
    permission: 'status:read',
    summary: 'Read what stands above every page: gateways, and what needs attention.',
    response: headerOverview,
    handler: async ({ context }) => ({ body: await showHeader(context) }),
  }),
  operation({
    id: 'overview.dashboard',
    method: 'GET',
    path: '/overview/dashboard',
    permission: 'status:read',
    summary: 'Read the dashboard: first steps, traffic, attention, recent deployments.',
    response: dashboardOverview,
    handler: async ({ context }) => ({ body: await showDashboard(context) }),
  }),
  operation({
    id: 'overview.projects',
    method: 'GET',
    path: '/overview/projects',
    permission: 'projects:read',
    summary: 'List the API projects with what runs of each.',
    query: listQuery({ kind: z.enum(PROJECT_KINDS).optional().describe('Only of this kind.') }),
    response: pageOf(projectRow),
    handler: async ({ context, query }) => ({ body: await showProjects(context, query) }),
  }),
  operation({
    id: 'overview.project',
    method: 'GET',
    path: '/overview/projects/:project',
    permission: 'projects:read',
    summary: 'Read a project with its policies, resources, targets, versions and products.',
    params: pathParams('project'),
    query: z.strictObject({
      resource: z.string().max(128).optional().describe('Name or id of the resource to show whole.'),
    }),
    response: projectOverview,
    handler: async ({ context, params, query }) => {
      const body = await showProject(context, { project: params.project, resource: query.resource });
      return { body, revision: body.project.revision };
    },
  }),
  operation({
    id: 'overview.deployChoices',
    method: 'GET',
    path: '/overview/projects/:project/deploy',
    permission: 'projects:read',
    summary: 'Read where a project can be deployed to.',
    params: pathParams('project'),
    response: deployChoices,
    handler: async (call) => ({
      body: await showDeployChoices(call.context, viewerOf(call.actor), call.params.project),
    }),
  }),
  operation({
    id: 'overview.deployments',
    method: 'GET',
    path: '/overview/deployments',
    permission: 'deployments:read',
    summary: 'List deployments, newest first, with what each did to the traffic.',
    query: z.strictObject({ ...pageFields, ...deploymentFilters }),
    response: pageOf(deploymentRow),
    handler: async ({ context, query }) => ({ body: await showDeployments(context, query) }),
  }),
  operation({
    id: 'overview.serverGroups',
    method: 'GET',
    path: '/overview/server-groups',
    permission: 'server-groups:read',
    summary: 'List the server groups with how many gateways and projects each has.',
    query: listQuery({}),
    response: pageOf(serverGroupRow),
    handler: async ({ context, query }) => ({ body: await showServerGroups(context, query) }),
  }),
  operation({
    id: 'overview.serverGroup',
    method: 'GET',
    path: '/overview/server-groups/:group',
    permission: 'server-groups:read',
    summary: 'Read a server group with its gateways and what runs there.',
    params: pathParams('group'),
    response: serverGroupOverview,
    handler: async ({ context, params }) => {
      const body = await showServerGroup(context, params.group);
      return { body, revision: body.serverGroup.revision };
    },
  }),
  operation({
    id: 'overview.products',
    method: 'GET',
    path: '/overview/products',
    permission: 'products:read',
    summary: 'List the products with how many subscriptions each has.',
    query: listQuery({ state: product.shape.state.optional() }),
    response: pageOf(productRow),
    handler: async ({ context, query }) => ({ body: await showProducts(context, query) }),
  }),
  operation({
    id: 'overview.product',
    method: 'GET',
    path: '/overview/products/:product',
    permission: 'products:read',
    summary: 'Read a product with its projects and whether anybody may call them.',
    params: pathParams('product'),
    response: productOverview,
    handler: async ({ context, params }) => {
      const body = await showProduct(context, params.product);
      return { body, revision: body.product.revision };
    },
  }),
  operation({
    id: 'overview.clients',
    method: 'GET',
    path: '/overview/clients',
    permission: 'clients:read',
    summary: 'List the clients with their subscriptions and when each was heard of last.',
    query: listQuery({ active: booleanFilter.optional().describe('true: enabled ones only; false: disabled ones.') }),
    response: pageOf(clientRow),
    handler: async ({ context, query }) => ({ body: await showClients(context, query) }),
  }),
  operation({
    id: 'overview.client',
    method: 'GET',
    path: '/overview/clients/:client',
    permission: 'clients:read',
    summary: 'Read a client with its subscriptions, and its keys for who may read keys.',
    params: pathParams('client'),
    response: clientOverview,
    handler: async (call) => {
      const body = await showClient(call.context, viewerOf(call.actor), call.params.client);
      return { body, revision: body.client.revision };
    },
  }),
  operation({
    id: 'overview.subscriptions',
    method: 'GET',
    path: '/overview/subscriptions',
    permission: 'subscriptions:read',
    summary: 'List the subscriptions with how their clients and products are called.',
    query: listQuery(subscriptionFilters),
    response: pageOf(subscriptionRow),
    handler: async ({ context, query }) => ({ body: await showSubscriptions(context, query) }),
  }),
  operation({
    id: 'overview.subscription',
    method: 'GET',
    path: '/overview/subscriptions/:subscription',
    permission: 'subscriptions:read',
    summary: 'Read a subscription with its client and product, and its keys for who may read keys.',
    params: pathParams('subscription'),
    response: subscriptionOverview,
    handler: async (call) => {
      const body = await showSubscription(call.context, viewerOf(call.actor), call.params.subscription);
      return { body, revision: body.subscription.revision };
    },
  }),
];
