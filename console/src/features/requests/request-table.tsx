import { Group, Text } from '@mantine/core';
import type { ExchangeRecord } from '#core/model/exchange-record';
import type { Query } from '../../api/client.ts';
import type { ListPage } from '../../api/page.ts';
import { HttpStatus, Status } from '../../components/badges.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { formatClock, formatMs, formatTimeInFull } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { Loaded, useApi } from '../../components/loaded.tsx';
import { Surface } from '../../components/surface.tsx';
import { answeredBy, reasonWords } from './reason-words.ts';
import classes from './requests.module.css';

/** The columns of the request log. */
export const requestColumns: readonly Column<ExchangeRecord>[] = [
  {
    id: 'time',
    title: 'Time',
    cell: (record) => (
      <time className="mono nowrap" dateTime={new Date(record.at).toISOString()} title={formatTimeInFull(record.at)}>
        {formatClock(record.at)}
      </time>
    ),
  },
  { id: 'status', title: 'Status', cell: (record) => <HttpStatus status={record.status} /> },
  {
    id: 'request',
    title: 'Request',
    cell: (record) => (
      <Group gap={6} wrap="nowrap">
        <Link
          to={`/requests/${record.id}`}
          className={`mono ${classes.request}`}
          title={`${record.method} ${record.path}`}
        >
          {record.method} {record.path}
        </Link>
        {record.triedBy !== undefined && <Status tone="brand">Try it</Status>}
      </Group>
    ),
  },
  {
    id: 'client',
    title: 'Client',
    cell: (record) =>
      record.clientDisplayName ??
      record.clientName ?? (
        <Text span size="sm" c="dimmed">
          Unknown
        </Text>
      ),
  },
  { id: 'answered', title: 'Answered by', cell: (record) => answeredBy(record) },
  {
    id: 'why',
    title: 'Why',
    cell: (record) => {
      const words = reasonWords(record);
      return (
        <div className={classes.why} title={words}>
          {words}
        </div>
      );
    },
  },
  {
    id: 'took',
    title: 'Took',
    align: 'right',
    cell: (record) => <span className="nowrap">{formatMs(record.tookMs)}</span>,
  },
];

/** The newest requests that match, without paging: for screens that show them beside other things. */
export function RequestTable({
  title,
  query,
  refreshMs,
  limit,
}: {
  readonly title: string;
  readonly query: Query;
  readonly refreshMs?: number | undefined;
  readonly limit: number;
}) {
  const result = useApi<ListPage<ExchangeRecord>>('/requests', {
    query: { ...query, limit },
    ...(refreshMs !== undefined && { refreshMs }),
  });
  const { since: _, until: __, ...shared } = query;
  return (
    <Surface
      title={title}
      aside={
        <Link to="/requests" search={shared as never}>
          Request log
        </Link>
      }
    >
      <Loaded result={result} what="the request log">
        {(page) =>
          page.items.length === 0 ? (
            <Text size="sm" c="dimmed">
              No requests yet.
            </Text>
          ) : (
            <DataTable label={title} columns={requestColumns} rows={page.items} rowKey={(record) => record.id} />
          )
        }
      </Loaded>
    </Surface>
  );
}
