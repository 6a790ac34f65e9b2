import { Anchor, Menu } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { Directory } from '#core/model/directory';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { StateBadge } from '../../components/badges.tsx';
import { Confirm, Dialog } from '../../components/dialog.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { ListView } from '../../components/list-view.tsx';
import { ByWhom } from '../../components/moment.tsx';
import { tell } from '../../components/notify.ts';
import { GuardedItem, RowMenu } from '../../components/row-menu.tsx';
import { Empty } from '../../components/states.tsx';
import { CheckDirectory } from './check-directory.tsx';
import { DirectoryForm } from './directory-form.tsx';
import { KIND_TITLES } from './directory-values.ts';
import { OwnerPages } from './owner-pages.tsx';

/** The one that is there from the start, and stays. */
const LOCAL = 'local';

/** What checks who resource owners are: here, an LDAP server, or an OpenID Connect provider. */
export function DirectoryList() {
  const [edited, setEdited] = useState<Directory | 'new'>();
  const [checked, setChecked] = useState<Directory>();
  const [removed, setRemoved] = useState<Directory>();
  const read = useRight('directories:read');
  const right = useRight('directories:write');
  const close = () => setEdited(undefined);
  const add = (
    <GuardedButton right={right} leftSection={<IconPlus size={16} />} onClick={() => setEdited('new')}>
      Add
    </GuardedButton>
  );
  return (
    <OwnerPages part="/resource-owners/directories" read={read} what="Directories" actions={add}>
      <ListView<Directory>
        address="/directories"
        what="directories"
        hasSearch={false}
        rowKey={({ id }) => id}
        onOpen={setEdited}
        columns={[
          {
            id: 'name',
            title: 'Name',
            cell: (directory) => (
              <Anchor
                component="button"
                type="button"
                size="sm"
                fw={550}
                ta="left"
                maw="100%"
                onClick={() => setEdited(directory)}
              >
                {directory.displayName}
              </Anchor>
            ),
          },
          { id: 'kind', title: 'Kind', cell: ({ kind }) => KIND_TITLES[kind] },
          {
            id: 'server',
            title: 'Server',
            cell: ({ ldap, oidc }) => <span className="mono">{ldap?.url ?? oidc?.issuer ?? '–'}</span>,
          },
          {
            id: 'state',
            title: 'State',
            cell: ({ active }) => <StateBadge state={active ? 'active' : 'disabled'} />,
          },
          {
            id: 'changed',
            title: 'Changed',
            cell: ({ updatedBy, updatedAt }) => <ByWhom by={updatedBy} at={updatedAt} />,
          },
          {
            id: 'menu',
            title: 'Acts',
            isUnnamed: true,
            width: 44,
            cell: (directory) => (
              <RowMenu label={`Acts on ${directory.displayName}`}>
                <Menu.Item onClick={() => setEdited(directory)}>{right.allowed ? 'Edit…' : 'Settings…'}</Menu.Item>
                {directory.kind !== 'local' && (
                  <GuardedItem right={right} onClick={() => setChecked(directory)}>
                    Check…
                  </GuardedItem>
                )}
                {directory.name !== LOCAL && (
                  <GuardedItem right={right} isDestructive onClick={() => setRemoved(directory)}>
                    Delete…
                  </GuardedItem>
                )}
              </RowMenu>
            ),
          },
        ]}
        empty={
          <Empty title="No directories" actions={add}>
            A directory says what checks the passwords of resource owners.
          </Empty>
        }
      />
      <Dialog
        title={edited === 'new' ? 'Add a directory' : `Directory ${edited?.displayName ?? ''}`}
        size="lg"
        isOpen={edited !== undefined}
        onClose={close}
      >
        {edited !== undefined && <DirectoryForm directory={edited === 'new' ? undefined : edited} onDone={close} />}
      </Dialog>
      <Dialog
        title={`Check ${checked?.displayName ?? ''}`}
        isOpen={checked !== undefined}
        onClose={() => setChecked(undefined)}
      >
        {checked !== undefined && <CheckDirectory directory={checked} onDone={() => setChecked(undefined)} />}
      </Dialog>
      <Confirm
        title={`Delete ${removed?.displayName ?? ''}?`}
        act="Delete directory"
        isDestructive
        isOpen={removed !== undefined}
        failure="Could not delete the directory."
        onClose={() => setRemoved(undefined)}
        onConfirm={async () => {
          await api.remove(path`/directories/${removed?.name ?? ''}`);
          await refreshAll();
          tell('The directory is deleted.');
        }}
      >
        Nobody signs in through it from now on. One in which somebody is cannot be deleted: turn it off instead.
      </Confirm>
    </OwnerPages>
  );
}
