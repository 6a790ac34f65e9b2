import { Button, Group, SegmentedControl, Select, SimpleGrid, Stack, Switch, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ServerGroupRow } from '#core/model/overview/screens';
import type { Monitor as MonitorNumbers } from '#core/model/overview/traffic';
import { api } from '../../api/client.ts';
import type { ListPage } from '../../api/page.ts';
import { TimeChart } from '../../charts/time-chart.tsx';
import { Status } from '../../components/badges.tsx';
import { formatAgo, formatMs, formatNumber } from '../../components/format.ts';
import { LinkButton } from '../../components/link.tsx';
import { Loaded, useApi } from '../../components/loaded.tsx';
import { useNow } from '../../components/moment.tsx';
import { Page } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { ProjectSelect } from '../projects/project-select.tsx';
import { RequestTable } from '../requests/request-table.tsx';
import { KeyNumbers } from './key-numbers.tsx';
import { TrafficNotices } from './notices.tsx';
import { RANGES, stretchOf } from './ranges.ts';
import { StatusCodes } from './status-codes.tsx';
import { TopClients } from './top-clients.tsx';

const REFRESH_MS = 5_000;

/** The Monitor: what the gateways are doing (console.md §4.18). */
export function Monitor() {
  const [url, setUrl] = useUrlState();
  const [isLive, setLive] = useState(true);
  const now = useNow(1_000);
  const { isLive: reachesNow } = stretchOf(url, now);
  const { serverGroup, project, range, from, to } = url;
  const result = useQuery<MonitorNumbers>({
    queryKey: ['/metrics/monitor', { serverGroup, project, range, from, to }],
    // The stretch ends when it is asked, not when the screen was drawn.
    queryFn: ({ signal }) => {
      const stretch = stretchOf(url, Date.now());
      return api.get<MonitorNumbers>(
        '/metrics/monitor',
        { serverGroup, project, from: stretch.from, to: stretch.to },
        signal,
      );
    },
    placeholderData: keepPreviousData,
    ...(isLive && reachesNow && { refetchInterval: REFRESH_MS }),
  });
  const groups = useApi<ListPage<ServerGroupRow>>('/overview/server-groups', { query: { limit: 100 } });
  const lateMs = now - result.dataUpdatedAt;
  return (
    <Page
      title="Monitor"
      badges={
        <LiveBadge
          isLive={isLive && reachesNow}
          isLate={result.isError || lateMs > 3 * REFRESH_MS}
          lateSince={result.dataUpdatedAt}
          now={now}
        />
      }
      actions={
        <Group gap="xs">
          <Select
            size="sm"
            w={170}
            aria-label="Server group"
            placeholder="All server groups"
            clearable
            data={(groups.data?.items ?? []).map((row) => ({
              value: row.serverGroup.name,
              label: row.serverGroup.displayName,
            }))}
            value={serverGroup ?? null}
            onChange={(next) => setUrl({ serverGroup: next ?? undefined })}
          />
          <ProjectSelect value={project} onChange={(next) => setUrl({ project: next })} />
          <SegmentedControl
            size="xs"
            aria-label="Stretch of time"
            data={RANGES.map(({ value, label }) => ({ value, label }))}
            value={from === undefined ? (range ?? '30m') : ''}
            onChange={(next) => setUrl({ range: next === '30m' ? undefined : next, from: undefined, to: undefined })}
          />
          <Switch
            label="Live"
            checked={isLive && reachesNow}
            disabled={!reachesNow}
            onChange={(event) => setLive(event.currentTarget.checked)}
          />
        </Group>
      }
    >
      <Loaded result={result} what="the numbers">
        {(numbers) => (
          <Stack gap="md">
            <TrafficNotices notices={numbers.notices} />
            {numbers.totals.requests === 0 ? (
              <div className="surface">
                <Empty
                  title={`No requests in ${stretchOf(url, now).label}`}
                  actions={
                    <>
                      <Button variant="default" onClick={() => setUrl({ range: '7d', from: undefined, to: undefined })}>
                        Longer range
                      </Button>
                      <LinkButton variant="default" to="/try">
                        Try it
                      </LinkButton>
                    </>
                  }
                >
                  Requests appear here within seconds of their answer.
                </Empty>
              </div>
            ) : (
              <Numbers
                numbers={numbers}
                onZoom={(begin, end) => setUrl({ from: String(begin), to: String(end) }, { replace: false })}
              />
            )}
            {from !== undefined && (
              <Group>
                <Button size="compact-sm" variant="default" onClick={() => setUrl({ from: undefined, to: undefined })}>
                  Leave the zoom
                </Button>
              </Group>
            )}
            <RequestTable
              title="Recent requests"
              query={{ serverGroup, project, ...(from !== undefined && { since: from, until: to }) }}
              refreshMs={isLive ? REFRESH_MS : undefined}
              limit={10}
            />
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function LiveBadge({
  isLive,
  isLate,
  lateSince,
  now,
}: {
  readonly isLive: boolean;
  readonly isLate: boolean;
  readonly lateSince: number;
  readonly now: number;
}) {
  if (!isLive) return <Status tone="gray">Not live</Status>;
  if (isLate && lateSince > 0)
    return <Status tone="gray">Live updates stopped {formatAgo(lateSince, now)}. Reconnecting</Status>;
  return <Status tone="green">● Live, 5 s</Status>;
}

function Numbers({
  numbers,
  onZoom,
}: {
  readonly numbers: MonitorNumbers;
  readonly onZoom: (from: number, to: number) => void;
}) {
  const { series, stepMs, deployments } = numbers;
  const at = series.map((point) => point.at);
  const perSecond = (count: number) => (1000 * count) / stepMs;
  const markers = deployments.map((marker) => ({
    at: marker.at,
    title: `${marker.projectDisplayName} v${marker.version} ${marker.kind === 'deploy' ? 'deployed' : marker.kind === 'rollback' ? 'rolled back to' : 'undeployed'}`,
  }));
  return (
    <>
      <KeyNumbers numbers={numbers} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <TimeChart
          title="Requests per second"
          at={at}
          isStacked
          format={formatNumber}
          markers={markers}
          onZoom={onZoom}
          series={[
            { title: '2xx–3xx', color: '--ok', values: series.map((point) => perSecond(point.ok)) },
            { title: '4xx', color: '--warn', values: series.map((point) => perSecond(point.clientError)) },
            { title: '5xx', color: '--bad', values: series.map((point) => perSecond(point.serverError)) },
          ]}
        />
        <TimeChart
          title="Latency"
          at={at}
          format={formatMs}
          markers={markers}
          onZoom={onZoom}
          series={[
            { title: 'p50', color: '--p50', values: series.map((point) => point.p50) },
            { title: 'p95', color: '--p95', values: series.map((point) => point.p95) },
            { title: 'p99', color: '--p99', values: series.map((point) => point.p99) },
          ]}
        />
        <StatusCodes numbers={numbers} />
        <TopClients numbers={numbers} />
      </SimpleGrid>
      {numbers.totals.requests > 0 && (
        <Text size="xs" c="dimmed">
          Counts are exact; percentiles come from histograms and are within a few percent.
        </Text>
      )}
    </>
  );
}
