import { Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { ResourceRow } from '#core/model/overview/screens';
import type { Target } from '#core/model/target';
import { useRight } from '../../api/session.ts';
import { Status } from '../../components/badges.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { formatDuration, plural } from '../../components/format.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link } from '../../components/link.tsx';
import { ByWhom } from '../../components/moment.tsx';
import { Empty } from '../../components/states.tsx';
import { Surface } from '../../components/surface.tsx';
import { useUrlState } from '../../components/url-state.ts';
import classes from './project.module.css';
import { useProject } from './project-context.ts';
import { TargetForm } from './target-form.tsx';

/** What stands in the address while a target is being added; no target can have the name. */
const NEW = '_new';

/** How many resources are named until the rest is counted. */
const FIRST = 3;

/** The targets of a project: the servers that answer for its resources. */
export function TargetsTab() {
  const { overview } = useProject();
  const { project, targets, resources } = overview;
  const right = useRight('projects:write');
  const [{ target: opened }, setUrl] = useUrlState();
  const close = () => setUrl({ target: undefined, field: undefined });
  const open = targets.find(({ name }) => name === opened);
  return (
    <>
      <Surface padding={0}>
        <div className={classes.bar}>
          <Text size="sm" c="dimmed">
            The servers that answer. Each resource names one target.
          </Text>
          <GuardedButton
            right={right}
            variant="default"
            leftSection={<IconPlus size={16} />}
            onClick={() => setUrl({ target: NEW })}
          >
            Add target
          </GuardedButton>
        </div>
        {targets.length === 0 ? (
          <Empty title="No targets yet">
            Calls have nowhere to go. Add the URL of your service; DefaultResource takes the first target.
          </Empty>
        ) : (
          <DataTable
            label="Targets"
            columns={columnsOf(project.name, resources)}
            rows={targets}
            rowKey={({ name }) => name}
            onOpen={({ name }) => setUrl({ target: name })}
          />
        )}
      </Surface>
      <Dialog
        title={open === undefined ? 'Add target' : `Target ${open.displayName}`}
        isOpen={open !== undefined || opened === NEW}
        onClose={close}
        size="lg"
      >
        <TargetForm
          key={open?.id ?? NEW}
          project={project.name}
          target={open}
          usedBy={open === undefined ? [] : usersOf(open, resources)}
          onDone={close}
        />
      </Dialog>
    </>
  );
}

function usersOf({ name }: Target, resources: readonly ResourceRow[]): readonly ResourceRow[] {
  return resources.filter((resource) => resource.target === name);
}

function columnsOf(project: string, resources: readonly ResourceRow[]): readonly Column<Target>[] {
  return [
    {
      id: 'name',
      title: 'Name',
      cell: ({ name, displayName }) => (
        <Link to="/projects/$project/targets" params={{ project } as never} search={{ target: name } as never} fw={600}>
          {displayName}
        </Link>
      ),
    },
    {
      id: 'urls',
      title: 'URLs',
      cell: ({ urls }) => (
        <>
          {urls.map(({ url, weight }) => (
            <div key={url} className="mono">
              {url}
              {urls.length > 1 && ` · weight ${weight}`}
            </div>
          ))}
        </>
      ),
    },
    {
      id: 'limits',
      title: 'Answers within',
      cell: ({ timeoutMs, retries }) => (
        <Text size="xs" className="nowrap">
          {formatDuration(timeoutMs)}
          {retries > 0 && `, ${plural(retries, 'retry', 'retries')}`}
        </Text>
      ),
    },
    {
      id: 'tls',
      title: 'Certificate',
      cell: ({ verifyTls, urls }) => <Certificate isChecked={verifyTls} urls={urls} />,
    },
    {
      id: 'users',
      title: 'Used by',
      cell: (target) => <Users project={project} users={usersOf(target, resources)} />,
    },
    { id: 'changed', title: 'Changed', cell: ({ updatedBy, updatedAt }) => <ByWhom by={updatedBy} at={updatedAt} /> },
  ];
}

function Certificate({ isChecked, urls }: { readonly isChecked: boolean; readonly urls: Target['urls'] }) {
  if (!urls.some(({ url }) => url.startsWith('https:'))) return <Text size="xs">No TLS</Text>;
  return isChecked ? <Text size="xs">Checked</Text> : <Status tone="orange">Not checked</Status>;
}

function Users({ project, users }: { readonly project: string; readonly users: readonly ResourceRow[] }) {
  if (users.length === 0) return <Status tone="gray">No resource</Status>;
  return (
    <ul className={classes.places}>
      {users.slice(0, FIRST).map(({ name, displayName }) => (
        <li key={name}>
          <Link to="/projects/$project/resources/{-$resource}" params={{ project, resource: name } as never}>
            {displayName}
          </Link>
        </li>
      ))}
      {users.length > FIRST && <li>{users.length - FIRST} more</li>}
    </ul>
  );
}
