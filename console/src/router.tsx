import {
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

/** Everything behind sign-in; who is not signed in comes back here afterwards. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  beforeLoad: async ({ location }) => {
    if ((await loadSession()) === undefined)
      throw redirect({ to: '/login', search: location.href === '/' ? {} : ({ returnTo: location.href } as never) });
  },
});

/** A screen: its path, and its component from a chunk of its own. */
function screen(path: string, load: () => Promise<Record<string, unknown>>, name: string) {
  return createRoute({
    getParentRoute: () => shell,
    path,
    // The component is found by its name, so that every feature exports its screens under theirs.
    component: lazyRouteComponent(load as () => Promise<Record<string, () => React.ReactNode>>, name),
  });
}

const screens = [
  screen('/', () => import('./features/dashboard/dashboard.tsx'), 'Dashboard'),
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
];

/** All screens of the console (console.md §3). */
export const router = createRouter({
  routeTree: root.addChildren([login, setup, shell.addChildren(screens)]),
  parseSearch,
  stringifySearch,
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: ScreenFailure,
  scrollRestoration: true,
});
