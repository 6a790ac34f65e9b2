import { Select } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import type { ShownResourceOwner } from '#core/model/resource-owner';
import { path } from '../../api/client.ts';
import { useRight } from '../../api/session.ts';
import type { Column } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link } from '../../components/link.tsx';
import { ListView } from '../../components/list-view.tsx';
import { ByWhom, Moment } from '../../components/moment.tsx';
import { Empty } from '../../components/states.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { AddOwner } from './add-owner.tsx';
import { DirectorySelect } from './directory-select.tsx';
import { OwnerPages } from './owner-pages.tsx';
import { OwnerState } from './owner-state.tsx';

const columns: readonly Column<ShownResourceOwner>[] = [
  {
    id: 'name',
    title: 'User name',
    sort: 'name',
    cell: (owner) => <Link to={addressOf(owner)}>{owner.name}</Link>,
  },
  { id: 'displayName', title: 'Name', sort: 'displayName', cell: (owner) => owner.displayName },
  { id: 'email', title: 'E-mail', cell: (owner) => owner.email || '–' },
  { id: 'directory', title: 'Directory', cell: (owner) => owner.directory },
  { id: 'state', title: 'State', cell: (owner) => <OwnerState owner={owner} /> },
  {
    id: 'signed-in',
    title: 'Last signed in',
    cell: ({ lastSignedInAt }) => (lastSignedInAt === undefined ? 'Never' : <Moment at={lastSignedInAt} />),
  },
  {
    id: 'changed',
    title: 'Changed',
    sort: 'updatedAt',
    cell: (owner) => <ByWhom by={owner.updatedBy} at={owner.updatedAt} />,
  },
];

/** By the id: names are unique in a directory only. */
function addressOf({ id }: ShownResourceOwner): string {
  return path`/resource-owners/${id}`;
}

/** Who signs in at authorization end points. */
export function OwnerList() {
  const [url, setUrl] = useUrlState();
  const read = useRight('resource-owners:read');
  const right = useRight('resource-owners:write');
  const navigate = useNavigate();
  const close = () => setUrl({ add: undefined });
  const add = (
    <GuardedButton right={right} leftSection={<IconPlus size={16} />} onClick={() => setUrl({ add: 'resource-owner' })}>
      Add
    </GuardedButton>
  );
  return (
    <OwnerPages part="/resource-owners" read={read} what="Resource owners" actions={add}>
      <ListView<ShownResourceOwner>
        address="/resource-owners"
        what="resource owners"
        columns={columns}
        rowKey={({ id }) => id}
        defaultSort="name"
        filters={['active', 'directory']}
        filterControls={
          <>
            <DirectorySelect
              aria-label="Directory"
              placeholder="Any directory"
              size="xs"
              w={180}
              clearable
              value={url.directory}
              onChange={(chosen) => setUrl({ directory: chosen?.name, cursor: undefined })}
            />
            <Select
              size="xs"
              w={150}
              aria-label="State"
              placeholder="Any state"
              clearable
              data={[
                { value: 'true', label: 'Enabled' },
                { value: 'false', label: 'Disabled' },
              ]}
              value={url.active ?? null}
              onChange={(active) => setUrl({ active: active ?? undefined, cursor: undefined })}
            />
          </>
        }
        onOpen={(owner) => void navigate({ to: addressOf(owner) })}
        empty={
          <Empty title="No resource owners yet" actions={add}>
            Add those who sign in with a password that is kept here. Those of another directory come with their first
            sign-in.
          </Empty>
        }
      />
      <Dialog title="Add a resource owner" isOpen={url.add === 'resource-owner' && right.allowed} onClose={close}>
        <AddOwner onCancel={close} onMade={(made) => void navigate({ to: addressOf(made) })} />
      </Dialog>
    </OwnerPages>
  );
}
