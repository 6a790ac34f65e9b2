import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import type { ServerGroupRow } from '#core/model/overview/screens';
import { useRight } from '../../api/session.ts';
import { Status } from '../../components/badges.tsx';
import type { Column } from '../../components/data-table.tsx';
import { plural } from '../../components/format.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link } from '../../components/link.tsx';
import { ListView } from '../../components/list-view.tsx';
import { ByWhom } from '../../components/moment.tsx';
import { Page } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { CreateServerGroup } from './create-server-group.tsx';
import classes from './server-groups.module.css';

/** The server groups with how many gateways and projects each has (console.md §4.14). */
export function ServerGroups() {
  const right = useRight('server-groups:write');
  const [isAdding, adding] = useDisclosure(false);
  const navigate = useNavigate();
  const open = (name: string) => void navigate({ to: '/server-groups/$group', params: { group: name } } as never);
  return (
    <Page
      title="Server groups"
      description="Gateways that run the same versions, such as Staging and Production."
      actions={
        <GuardedButton right={right} leftSection={<IconPlus size={16} />} onClick={adding.open}>
          Add server group
        </GuardedButton>
      }
    >
      <ListView<ServerGroupRow>
        address="/overview/server-groups"
        what="server groups"
        columns={COLUMNS}
        rowKey={({ serverGroup }) => serverGroup.id}
        onOpen={({ serverGroup }) => open(serverGroup.name)}
        defaultSort="displayName"
        refreshMs={5_000}
        empty={<Empty title="No server groups">Local is made at the first start.</Empty>}
      />
      <CreateServerGroup isOpen={isAdding} onClose={adding.close} onCreated={({ name }) => open(name)} />
    </Page>
  );
}

const COLUMNS: readonly Column<ServerGroupRow>[] = [
  {
    id: 'name',
    title: 'Name',
    sort: 'displayName',
    cell: ({ serverGroup }) => (
      <div className={classes.name}>
        <Link to="/server-groups/$group" params={{ group: serverGroup.name } as never}>
          {serverGroup.displayName}
        </Link>
        {serverGroup.description !== '' && <div className={classes.description}>{serverGroup.description}</div>}
      </div>
    ),
  },
  { id: 'gateways', title: 'Gateways', cell: ({ gateways }) => <GatewaysUp {...gateways} /> },
  { id: 'projects', title: 'Projects', align: 'right', cell: ({ projects }) => projects },
  {
    id: 'url',
    title: 'Public URL',
    cell: ({ serverGroup }) =>
      serverGroup.publicUrl === '' ? (
        <span className={classes.none}>as its gateways listen</span>
      ) : (
        <span className={`mono ${classes.url}`}>{serverGroup.publicUrl}</span>
      ),
  },
  {
    id: 'changed',
    title: 'Changed',
    sort: 'updatedAt',
    cell: ({ serverGroup }) => <ByWhom by={serverGroup.updatedBy} at={serverGroup.updatedAt} />,
  },
];

/** `2 of 3 ready`, toned by whether all are. */
function GatewaysUp({ ready, total }: { readonly ready: number; readonly total: number }) {
  if (total === 0)
    return (
      <Status tone="gray" miw="max-content">
        No gateway
      </Status>
    );
  if (ready === total)
    return (
      <Status tone="green" miw="max-content">
        {plural(total, 'gateway', 'gateways')} ready
      </Status>
    );
  return (
    <Status tone={ready === 0 ? 'red' : 'orange'}>
      {ready} of {total} ready
    </Status>
  );
}
