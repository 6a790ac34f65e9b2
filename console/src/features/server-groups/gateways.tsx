import { Stack, Text, Tooltip } from '@mantine/core';
import type { Gateway, ServerGroup } from '#core/model/server-group';
import { StateBadge, Status } from '../../components/badges.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { formatNumber, formatShare, plural } from '../../components/format.ts';
import { Moment } from '../../components/moment.tsx';
import { Empty } from '../../components/states.tsx';
import { GatewayMenu } from './gateway-menu.tsx';
import { LostGateway } from './lost-gateway.tsx';
import classes from './server-groups.module.css';

/** The gateways of a server group, and how each is. */
export function Gateways({ gateways, group }: { readonly gateways: readonly Gateway[]; readonly group: ServerGroup }) {
  const lost = gateways.filter(({ state }) => state === 'lost');
  return (
    <Stack>
      {lost.map((gateway) => (
        <LostGateway key={gateway.id} gateway={gateway} />
      ))}
      <div className="surface">
        {gateways.length === 0 ? (
          <Empty title="No gateway yet">
            {group.displayName} serves nothing until a gateway runs in it. Add gateway shows the one command that starts
            one.
          </Empty>
        ) : (
          <DataTable label="Gateways" columns={COLUMNS} rows={gateways} rowKey={({ id }) => id} />
        )}
      </div>
    </Stack>
  );
}

const MEGABYTE = 1024 * 1024;

const COLUMNS: readonly Column<Gateway>[] = [
  {
    id: 'name',
    title: 'Gateway',
    cell: ({ name, id }) => (
      <div className={classes.name}>
        {name}
        <div className={`mono ${classes.description}`}>{id}</div>
      </div>
    ),
  },
  { id: 'state', title: 'State', cell: (gateway) => <GatewayState gateway={gateway} /> },
  { id: 'address', title: 'Address', cell: ({ address }) => <span className="mono">{address}</span> },
  { id: 'software', title: 'Software', cell: ({ softwareVersion }) => <span className="num">{softwareVersion}</span> },
  { id: 'configuration', title: 'Configuration', cell: (gateway) => <Configuration gateway={gateway} /> },
  { id: 'seen', title: 'Last seen', cell: ({ lastSeenAt }) => <Moment at={lastSeenAt} /> },
  {
    id: 'cpu',
    title: 'CPU',
    align: 'right',
    cell: ({ cpuShare }) => (cpuShare === undefined ? '–' : formatShare(Math.round(cpuShare * 1000), 1000)),
  },
  {
    id: 'memory',
    title: 'Memory',
    align: 'right',
    cell: ({ memoryBytes }) => (
      <span className="nowrap">
        {memoryBytes === undefined ? '–' : `${formatNumber(Math.round(memoryBytes / MEGABYTE))} MiB`}
      </span>
    ),
  },
  {
    id: 'connections',
    title: 'Connections',
    align: 'right',
    cell: ({ connections }) => (connections === undefined ? '–' : formatNumber(connections)),
  },
  { id: 'menu', title: 'Acts', isUnnamed: true, width: 44, cell: (gateway) => <GatewayMenu gateway={gateway} /> },
];

function GatewayState({ gateway }: { readonly gateway: Gateway }) {
  const { state, isDrainWanted, problem } = gateway;
  return (
    <>
      <StateBadge state={state} />
      {isDrainWanted === true && state !== 'draining' && (
        <Status tone="orange" ml={4}>
          Told to drain
        </Status>
      )}
      {problem !== undefined && <div className={classes.problem}>{problem}</div>}
    </>
  );
}

/** Which change of the configuration it has taken, and how many it has not. */
function Configuration({ gateway: { seq, lag } }: { readonly gateway: Gateway }) {
  return (
    <Tooltip label="Number of the newest change of the configuration that it serves">
      <span className="nowrap">
        <span className="num">{formatNumber(seq)}</span>{' '}
        {lag === 0 ? (
          <Text span size="xs" c="dimmed">
            newest
          </Text>
        ) : (
          <Status tone="orange">{plural(lag, 'change', 'changes')} behind</Status>
        )}
      </span>
    </Tooltip>
  );
}
