import { Tabs } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import type { ServerGroupOverview } from '#core/model/overview/screens';
import { path } from '../../api/client.ts';
import { Status } from '../../components/badges.tsx';
import { plural } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { Lines, Loaded, useApi } from '../../components/loaded.tsx';
import { Page } from '../../components/page.tsx';
import { Surface } from '../../components/surface.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { Gateways } from './gateways.tsx';
import { GroupActions } from './group-actions.tsx';
import { GroupSettings } from './group-settings.tsx';
import { RunningThere } from './running-there.tsx';
import { Variables } from './variables.tsx';

const TABS = [
  { id: 'gateways', title: 'Gateways' },
  { id: 'projects', title: 'API projects' },
  { id: 'variables', title: 'Variables and secrets' },
  { id: 'settings', title: 'Settings' },
] as const;

/** A server group: its gateways, what runs there, its variables and settings (console.md §4.14). */
export function ServerGroupPage() {
  const { group = '' } = useParams({ strict: false }) as { readonly group?: string };
  const [url, setUrl] = useUrlState();
  const result = useApi<ServerGroupOverview>(path`/overview/server-groups/${group}`, { refreshMs: 3_000 });
  const tab = TABS.find(({ id }) => id === url.tab)?.id ?? 'gateways';
  const overview = result.data;
  return (
    <Page
      title={overview?.serverGroup.displayName ?? group}
      crumbs={[
        <Link key="groups" to="/server-groups">
          Server groups
        </Link>,
      ]}
      {...(overview !== undefined && {
        badges: <Ready overview={overview} />,
        actions: <GroupActions overview={overview} />,
      })}
      {...(overview !== undefined &&
        overview.serverGroup.description !== '' && { description: overview.serverGroup.description })}
      tabs={
        <Tabs value={tab} onChange={(next) => setUrl({ tab: next === 'gateways' ? undefined : (next ?? undefined) })}>
          <Tabs.List aria-label="Parts of the server group">
            {TABS.map(({ id, title }) => (
              <Tabs.Tab key={id} value={id}>
                {title}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Tabs>
      }
    >
      <Loaded result={result} what="the server group" skeleton={<Lines count={8} />}>
        {({ serverGroup, gateways, live, projects }) => {
          switch (tab) {
            case 'gateways':
              return <Gateways gateways={gateways} group={serverGroup} />;
            case 'projects':
              return <RunningThere live={live} projects={projects} group={serverGroup.name} />;
            case 'variables':
              return <Variables group={serverGroup.name} />;
            case 'settings':
              return (
                <div style={{ maxWidth: 640 }}>
                  <Surface>
                    <GroupSettings key={serverGroup.id} group={serverGroup} />
                  </Surface>
                </div>
              );
          }
        }}
      </Loaded>
    </Page>
  );
}

function Ready({ overview: { gateways } }: { readonly overview: ServerGroupOverview }) {
  const ready = gateways.filter(({ state }) => state === 'ready').length;
  if (gateways.length === 0) return <Status tone="gray">No gateway</Status>;
  return (
    <Status tone={ready === gateways.length ? 'green' : ready === 0 ? 'red' : 'orange'}>
      {ready} of {plural(gateways.length, 'gateway', 'gateways')} ready
    </Status>
  );
}
