import { Group, SimpleGrid, Stack, Text } from '@mantine/core';
import type { DashboardOverview } from '#core/model/overview/screens';
import { Link, LinkButton } from '../../components/link.tsx';
import { Loaded, useApi } from '../../components/loaded.tsx';
import { Page } from '../../components/page.tsx';
import { Surface } from '../../components/surface.tsx';
import { FirstSteps } from './first-steps.tsx';
import { RecentDeployments } from './recent-deployments.tsx';
import { TrafficNow } from './traffic-now.tsx';

const REFRESH_MS = 10_000;

/** The dashboard (console.md §4.3). */
export function Dashboard() {
  const result = useApi<DashboardOverview>('/overview/dashboard', { refreshMs: REFRESH_MS });
  return (
    <Page title="Dashboard">
      <Loaded result={result} what="the dashboard">
        {(overview) => (
          <Stack gap="md">
            <FirstSteps steps={overview.firstSteps} />
            <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
              <Surface title="Apps – Manage API Products and Client Subscriptions">
                <Text size="sm" c="dimmed" mb="sm">
                  Offer API projects together as a product, register who calls them, and hand out keys.
                </Text>
                <Group gap="xs">
                  <LinkButton variant="default" to="/products">
                    Products
                  </LinkButton>
                  <LinkButton variant="default" to="/clients">
                    Clients
                  </LinkButton>
                  <LinkButton variant="default" to="/subscriptions">
                    Subscriptions
                  </LinkButton>
                </Group>
              </Surface>
              <TrafficNow traffic={overview.traffic} />
              <NeedsAttention overview={overview} />
              <RecentDeployments deployments={overview.recentDeployments} />
            </SimpleGrid>
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function NeedsAttention({ overview }: { readonly overview: DashboardOverview }) {
  const isQuiet = overview.attention.length === 0 && overview.notices.length === 0;
  return (
    <Surface title="Needs attention">
      <Stack gap="xs">
        {isQuiet && (
          <Text size="sm" c="dimmed">
            Nothing. Gateways, secrets and drafts are as they should be.
          </Text>
        )}
        {overview.notices.map((notice) => (
          <Text size="sm" key={notice.deploymentId}>
            {notice.sentence} <Link to={`/monitor?project=${notice.project}`}>Open the Monitor</Link>
          </Text>
        ))}
        {overview.attention.map((item) => (
          <Text size="sm" key={item.text}>
            {item.text} {item.link !== undefined && <Link to={item.link}>Look</Link>}
          </Text>
        ))}
      </Stack>
    </Surface>
  );
}
