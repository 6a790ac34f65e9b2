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

const screens = [screen('/', () => import('./features/dashboard/dashboard.tsx'), 'Dashboard')];

/** All screens of the console (console.md §3). */
export const router = createRouter({
  routeTree: root.addChildren([login, shell.addChildren(screens)]),
  parseSearch,
  stringifySearch,
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: ScreenFailure,
  scrollRestoration: true,
});
