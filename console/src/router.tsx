import {
  type AnyRoute,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { loadSession } from './api/session.ts';
import { NotFound } from './components/not-found.tsx';
import { ScreenFailure } from './components/screen-failure.tsx';
import { parseSearch, stringifySearch } from './components/url-state.ts';
import { Shell } from './shell/shell.tsx';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: ScreenFailure });

/** Screens before sign-in. */
const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  component: lazyRouteComponent(() => import('./features/sign-in/sign-in.tsx'), 'SignIn'),
});

/** The first run; the link that leads here works once. */
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup/$token',
  component: lazyRouteComponent(() => import('./features/setup/setup.tsx'), 'Setup'),
});

/** A lost password: the one-time link that an administrator gave. */
const password = createRoute({
  getParentRoute: () => root,
  path: '/password/$token',
  component: lazyRouteComponent(() => import('./features/password/choose-password.tsx'), 'ChoosePassword'),
});

/** Everything behind sign-in; who is not signed in comes back here afterwards. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  beforeLoad: async ({ location }) => {
    const session = await loadSession();
    if (session === undefined)
      throw redirect({ to: '/login', search: location.href === '/' ? {} : ({ returnTo: location.href } as never) });
    // Nothing else is allowed until then.
    if (session.mustAddSecondFactor && location.pathname !== '/settings/profile')
      throw redirect({ to: '/settings/profile' });
  },
});

/** A screen: its path, and its component from a chunk of its own. */
function screen(path: string, load: () => Promise<Record<string, unknown>>, name: string, within: AnyRoute = shell) {
  return createRoute({
    getParentRoute: () => within,
    path,
    // The component is found by its name, so that every feature exports its screens under theirs.
    component: lazyRouteComponent(load as () => Promise<Record<string, () => React.ReactNode>>, name),
  });
}

/** A project's page, whose tabs are screens within. */
const project = screen('/projects/$project', () => import('./features/project/project-page.tsx'), 'ProjectPage');
const projectTabs = [
  screen('/', () => import('./features/project/overview-tab.tsx'), 'OverviewTab', project),
  screen(
    '/resources/{-$resource}',
    () => import('./features/resource-editor/resource-editor.tsx'),
    'ResourceEditor',
    project,
  ),
  screen('/policies', () => import('./features/project/policies-tab.tsx'), 'PoliciesTab', project),
  screen('/policies/$policy', () => import('./features/project/policy-tab.tsx'), 'PolicyTab', project),
  screen('/chains', () => import('./features/project/chains-tab.tsx'), 'ChainsTab', project),
  screen('/targets', () => import('./features/project/targets-tab.tsx'), 'TargetsTab', project),
  screen('/deployments', () => import('./features/project/deployments-tab.tsx'), 'DeploymentsTab', project),
  screen('/settings', () => import('./features/project/settings-tab.tsx'), 'SettingsTab', project),
];

const screens = [
  project.addChildren(projectTabs),
  screen('/', () => import('./features/dashboard/dashboard.tsx'), 'Dashboard'),
  screen('/projects', () => import('./features/projects/projects.tsx'), 'Projects'),
  screen('/deployments', () => import('./features/deployments/deployments.tsx'), 'Deployments'),
  screen('/server-groups', () => import('./features/server-groups/server-groups.tsx'), 'ServerGroups'),
  screen('/server-groups/$group', () => import('./features/server-groups/server-group.tsx'), 'ServerGroupPage'),
  screen('/products', () => import('./features/products/product-list.tsx'), 'ProductList'),
  screen('/products/$product', () => import('./features/products/product-page.tsx'), 'ProductPage'),
  screen('/clients', () => import('./features/clients/client-list.tsx'), 'ClientList'),
  screen('/clients/$client', () => import('./features/clients/client-page.tsx'), 'ClientPage'),
  screen('/subscriptions', () => import('./features/subscriptions/subscription-list.tsx'), 'SubscriptionList'),
  screen(
    '/subscriptions/$subscription',
    () => import('./features/subscriptions/subscription-page.tsx'),
    'SubscriptionPage',
  ),
  screen('/resource-owners', () => import('./features/resource-owners/owner-list.tsx'), 'OwnerList'),
  screen(
    '/resource-owners/directories',
    () => import('./features/resource-owners/directory-list.tsx'),
    'DirectoryList',
  ),
  screen('/resource-owners/$owner', () => import('./features/resource-owners/owner-page.tsx'), 'OwnerPage'),
  screen('/monitor', () => import('./features/monitor/monitor.tsx'), 'Monitor'),
  screen('/requests', () => import('./features/requests/request-log.tsx'), 'RequestLog'),
  screen('/requests/$request', () => import('./features/requests/request-page.tsx'), 'RequestPage'),
  screen('/try', () => import('./features/try/try-it.tsx'), 'TryIt'),
  screen('/audit', () => import('./features/audit/audit-trail.tsx'), 'AuditTrail'),
  screen('/settings', () => import('./features/settings/general.tsx'), 'GeneralSettings'),
  screen('/settings/users', () => import('./features/settings/user-list.tsx'), 'UserList'),
  screen('/settings/users/$user', () => import('./features/settings/user-page.tsx'), 'UserPage'),
  screen(
    '/settings/identity-providers',
    () => import('./features/settings/identity-providers.tsx'),
    'IdentityProviders',
  ),
  screen('/settings/keys', () => import('./features/settings/keys.tsx'), 'ApiKeys'),
  screen('/settings/signing-keys', () => import('./features/signing-keys/signing-keys.tsx'), 'SigningKeys'),
  screen('/settings/token-stores', () => import('./features/token-stores/store-list.tsx'), 'TokenStores'),
  screen('/settings/token-stores/$store', () => import('./features/token-stores/store-page.tsx'), 'TokenStorePage'),
  screen('/settings/profile', () => import('./features/settings/profile.tsx'), 'Profile'),
];

/** All screens of the console (console.md §3). */
export const router = createRouter({
  routeTree: root.addChildren([login, setup, password, shell.addChildren(screens)]),
  parseSearch,
  stringifySearch,
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: ScreenFailure,
  scrollRestoration: true,
});
