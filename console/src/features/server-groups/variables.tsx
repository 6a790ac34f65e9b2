import { Menu, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { GroupVariable } from '#core/model/server-group';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { Status } from '../../components/badges.tsx';
import { CopyIcon } from '../../components/copy-button.tsx';
import tableClasses from '../../components/data-table.module.css';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Confirm } from '../../components/dialog.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { Lines, Loaded, useApi } from '../../components/loaded.tsx';
import { ByWhom } from '../../components/moment.tsx';
import { tell } from '../../components/notify.ts';
import { GuardedItem, RowMenu } from '../../components/row-menu.tsx';
import { Empty } from '../../components/states.tsx';
import classes from './server-groups.module.css';
import { VariableDialog } from './variable-dialog.tsx';

/** The variables and secrets of a server group (by name): policy settings refer to them. */
export function Variables({ group }: { readonly group: string }) {
  const right = useRight('server-groups:write');
  const result = useApi<{ readonly items: readonly GroupVariable[] }>(path`/server-groups/${group}/variables`);
  const [edited, setEdited] = useState<GroupVariable | 'new'>();
  const [deleted, setDeleted] = useState<GroupVariable>();
  const add = (
    <GuardedButton
      right={right}
      variant="default"
      leftSection={<IconPlus size={16} />}
      onClick={() => setEdited('new')}
    >
      Add variable or secret
    </GuardedButton>
  );
  return (
    <div className="surface">
      <Loaded
        result={result}
        what="the variables"
        skeleton={
          <div style={{ padding: 14 }}>
            <Lines count={4} />
          </div>
        }
      >
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No variables or secrets yet" actions={add}>
              What differs between server groups, such as a host or a password: a policy's settings name it, and each
              group gives its own value.
            </Empty>
          ) : (
            <>
              <div className={tableClasses.bar}>
                {add}
                <Text size="sm" c="dimmed">
                  What is deployed takes a new value at once.
                </Text>
              </div>
              <DataTable
                label="Variables and secrets"
                columns={[...COLUMNS, menuColumn(setEdited, setDeleted)]}
                rows={items}
                rowKey={({ name }) => name}
                {...(right.allowed && { onOpen: setEdited })}
              />
            </>
          )
        }
      </Loaded>
      <VariableDialog group={group} edited={edited} onClose={() => setEdited(undefined)} />
      <Confirm
        title={`Delete ${deleted?.name ?? ''}?`}
        isOpen={deleted !== undefined}
        onClose={() => setDeleted(undefined)}
        act={deleted?.secret === true ? 'Delete secret' : 'Delete variable'}
        isDestructive
        failure={`Could not delete ${deleted?.name ?? ''}.`}
        onConfirm={async () => {
          await api.remove(path`/server-groups/${group}/variables/${deleted?.name ?? ''}`);
          await refreshAll();
          tell(`${deleted?.name ?? ''} is deleted.`);
        }}
      >
        A project whose settings name <code className="mono">{deleted?.selector}</code> cannot be deployed here any
        more. Nothing that runs now uses it, or the deletion is refused.
      </Confirm>
    </div>
  );
}

const COLUMNS: readonly Column<GroupVariable>[] = [
  { id: 'name', title: 'Name', cell: ({ name }) => <span className={classes.name}>{name}</span> },
  {
    id: 'value',
    title: 'Value',
    cell: ({ secret, value }) =>
      secret ? (
        <Status tone="gray">Secret, never shown</Status>
      ) : (
        <div className={`mono ${classes.value}`} title={value}>
          {value === '' ? <span className={classes.none}>empty</span> : value}
        </div>
      ),
  },
  {
    id: 'selector',
    title: 'In policy settings',
    cell: ({ selector, name }) => (
      <span className={classes.selector}>
        <code className="mono">{selector}</code>
        <CopyIcon value={selector} label={`Copy how settings name ${name}`} />
      </span>
    ),
  },
  { id: 'changed', title: 'Changed', cell: ({ updatedBy, updatedAt }) => <ByWhom by={updatedBy} at={updatedAt} /> },
];

function menuColumn(
  onEdit: (variable: GroupVariable) => void,
  onDelete: (variable: GroupVariable) => void,
): Column<GroupVariable> {
  return {
    id: 'menu',
    title: 'Acts',
    isUnnamed: true,
    width: 44,
    cell: (variable) => <VariableMenu variable={variable} onEdit={onEdit} onDelete={onDelete} />,
  };
}

function VariableMenu({
  variable,
  onEdit,
  onDelete,
}: {
  readonly variable: GroupVariable;
  readonly onEdit: (variable: GroupVariable) => void;
  readonly onDelete: (variable: GroupVariable) => void;
}) {
  const right = useRight('server-groups:write');
  return (
    <RowMenu label={`Acts on ${variable.name}`}>
      <GuardedItem right={right} onClick={() => onEdit(variable)}>
        Change value…
      </GuardedItem>
      <Menu.Divider />
      <GuardedItem right={right} onClick={() => onDelete(variable)} isDestructive>
        Delete…
      </GuardedItem>
    </RowMenu>
  );
}
