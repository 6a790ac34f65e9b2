import { Tabs } from '@mantine/core';
import { Outlet, useNavigate, useParams, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import type { LiveVersion, ProjectOverview } from '#core/model/overview/screens';
import { isProxied } from '#core/model/project-kind';
import { path } from '../../api/client.ts';
import { KindBadge, Status } from '../../components/badges.tsx';
import { plural } from '../../components/format.ts';
import { Link, LinkButton } from '../../components/link.tsx';
import { Lines, Loaded, useApi } from '../../components/loaded.tsx';
import { Page } from '../../components/page.tsx';
import { DeployButton } from '../deploy/deploy-button.tsx';
import { ALL_RESOURCES, FIRST_RESOURCE, type ProjectTab, tabOf } from './addresses.ts';
import { ProjectContext } from './project-context.ts';

import { ViewChanges } from './view-changes.tsx';

const TAB_TITLES: Readonly<Record<ProjectTab, string>> = {
  overview: 'Overview',
  resources: 'Resources',
  policies: 'Policies',
  chains: 'Policy chains',
  targets: 'Targets',
  deployments: 'Deployments',
  settings: 'Settings',
};

/** A project: its header, and the tab that is open. One answer of the API has what every tab shows. */
export function ProjectPage() {
  const { project = '', resource } = useParams({ strict: false }) as { project?: string; resource?: string };
  const tab = tabOf(useRouterState({ select: ({ location }) => location.pathname }));
  const asked = tab !== 'resources' || resource === ALL_RESOURCES ? undefined : (resource ?? FIRST_RESOURCE);
  const result = useApi<ProjectOverview>(path`/overview/projects/${project}`, { query: { resource: asked } });
  const skeleton = (
    <Page title={project}>
      <Lines count={8} />
    </Page>
  );
  // What is still there of another project is none of this one's.
  const shown = result.data?.project;
  if (shown !== undefined && shown.name !== project && shown.id !== project) return skeleton;
  return (
    <Loaded result={result} what="the project" skeleton={skeleton}>
      {(overview) => (
        <Header overview={overview} tab={tab} crumb={tab === 'resources' ? titleOf(overview, asked) : undefined}>
          <ProjectContext value={{ overview, resource: asked }}>
            <Outlet />
          </ProjectContext>
        </Header>
      )}
    </Loaded>
  );
}

function Header({
  overview,
  tab,
  crumb,
  children,
}: {
  readonly overview: ProjectOverview;
  readonly tab: ProjectTab;
  readonly crumb: string | undefined;
  readonly children: ReactNode;
}) {
  const { project, live, draftChanges } = overview;
  const { name, displayName, kind } = project;
  const navigate = useNavigate();
  const list = useRef<HTMLDivElement>(null);
  // On a small screen the tabs scroll; the open one is in sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is about another tab being open
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [tab]);
  const tabs = (Object.keys(TAB_TITLES) as ProjectTab[]).filter((one) => one !== 'targets' || isProxied(kind));
  return (
    <Page
      title={displayName}
      crumbs={[
        <Link key="projects" to="/projects">
          API projects
        </Link>,
        ...(crumb === undefined
          ? []
          : [
              <Link key="project" to="/projects/$project" params={{ project: name }}>
                {displayName}
              </Link>,
              <span key="part">{crumb}</span>,
            ]),
      ]}
      badges={
        <>
          <KindBadge kind={kind} />
          {live.map((version) => (
            <LiveBadge key={version.serverGroup} version={version} />
          ))}
          {live.length === 0 && <Status tone="gray">Not deployed</Status>}
          {draftChanges > 0 && <Status tone="orange">{plural(draftChanges, 'change', 'changes')} not deployed</Status>}
        </>
      }
      actions={
        <>
          <ViewChanges project={name} />
          {live.length > 0 && (
            <LinkButton variant="default" to="/try" search={{ project: name } as never}>
              Try it
            </LinkButton>
          )}
          <DeployButton project={name} displayName={displayName} />
        </>
      }
      tabs={
        <Tabs
          value={tab}
          onChange={(next) => void navigate({ to: addressOf(name, (next ?? 'overview') as ProjectTab) })}
        >
          <Tabs.List ref={list} aria-label={`Parts of ${displayName}`}>
            {tabs.map((one) => (
              <Tabs.Tab key={one} value={one}>
                {TAB_TITLES[one]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Tabs>
      }
    >
      {children}
    </Page>
  );
}

function LiveBadge({ version }: { readonly version: LiveVersion }) {
  const { serverGroupDisplayName, rolledBackFrom } = version;
  return (
    <Status tone="green">
      v{version.version} live in {serverGroupDisplayName}
      {rolledBackFrom !== undefined && ` (rolled back from v${rolledBackFrom})`}
    </Status>
  );
}

function addressOf(project: string, tab: ProjectTab): string {
  const page = `/projects/${encodeURIComponent(project)}`;
  return tab === 'overview' ? page : `${page}/${tab}`;
}

function titleOf({ resources }: ProjectOverview, name: string | undefined): string {
  if (name === undefined) return 'All resources';
  return resources.find((resource) => resource.name === name)?.displayName ?? name;
}
