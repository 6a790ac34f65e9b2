import { lazy, Suspense } from 'react';
import { Lines } from '../../components/loaded.tsx';
import { Page } from '../../components/page.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { ProjectList } from './project-list.tsx';

/** What can be added, by its name in the address: `/projects?add=http`. Each wizard is a page of its own, in its own chunk. */
const WIZARDS = {
  'oauth-token-endpoint': lazy(async () => ({
    default: (await import('../project-wizards/create-token-end-point.tsx')).CreateTokenEndPoint,
  })),
  'oauth-authorization-endpoint': lazy(async () => ({
    default: (await import('../project-wizards/create-authorization-end-point.tsx')).CreateAuthorizationEndPoint,
  })),
  http: lazy(async () => ({ default: (await import('../project-wizards/create-http.tsx')).CreateHttp })),
  wsdl: lazy(async () => ({ default: (await import('../project-imports/import-pages.tsx')).CreateWsdl })),
  import: lazy(async () => ({ default: (await import('../project-imports/import-pages.tsx')).ImportProject })),
  export: lazy(async () => ({ default: (await import('../project-imports/from-export.tsx')).FromExport })),
} as const;

/** API projects: the list, or a wizard that adds one (console.md §4.4 to §4.7). */
export function Projects() {
  const [{ add }] = useUrlState();
  const Wizard = Object.entries(WIZARDS).find(([name]) => name === add)?.[1];
  if (Wizard === undefined) return <ProjectList />;
  return (
    <Suspense
      fallback={
        <Page title="Add a project">
          <Lines count={6} />
        </Page>
      }
    >
      <Wizard />
    </Suspense>
  );
}
