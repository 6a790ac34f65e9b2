import { Select, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Deployment } from '#core/model/deployment';
import type { DeploymentRow, ServerGroupRow } from '#core/model/overview/screens';
import type { ListPage } from '../../api/page.ts';
import type { Column } from '../../components/data-table.tsx';
import { Link } from '../../components/link.tsx';
import { ListView } from '../../components/list-view.tsx';
import { useApi } from '../../components/loaded.tsx';
import { ByWhom } from '../../components/moment.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { DeploymentDialog } from './deployment-dialog.tsx';
import { DeploymentMenu } from './deployment-menu.tsx';
import { DeploymentState } from './deployment-state.tsx';
import classes from './deployments.module.css';
import { Effect } from './effect.tsx';

const STATES = [
  { value: 'live', label: 'Live' },
  { value: 'replaced', label: 'Replaced' },
  { value: 'rolled-back', label: 'Rolled back' },
  { value: 'undeployed', label: 'Undeployed' },
];

/** Deployments, all or those of one project (by name). `?deployment=` opens one of them. */
export function DeploymentList({ project, empty }: { readonly project?: string; readonly empty: ReactNode }) {
  const [url, setUrl] = useUrlState();
  const open = (id: string) => setUrl({ deployment: id }, { replace: false });
  return (
    <>
      <ListView<DeploymentRow>
        address="/overview/deployments"
        what="deployments"
        hasSearch={false}
        {...(project !== undefined && { fixed: { project } })}
        filters={project === undefined ? ['serverGroup', 'state', 'project'] : ['serverGroup', 'state']}
        filterControls={<Filters />}
        columns={project === undefined ? [PROJECT_COLUMN, ...COLUMNS] : COLUMNS}
        rowKey={({ deployment }) => deployment.id}
        onOpen={({ deployment }) => open(deployment.id)}
        refreshMs={5_000}
        empty={empty}
      />
      <DeploymentDialog id={url.deployment} onClose={() => setUrl({ deployment: undefined })} />
    </>
  );
}

function Filters() {
  const [url, setUrl] = useUrlState();
  const groups = useApi<ListPage<ServerGroupRow>>('/overview/server-groups', { query: { limit: 200 } });
  return (
    <>
      <Select
        size="xs"
        w={190}
        aria-label="Server group"
        placeholder="All server groups"
        clearable
        data={(groups.data?.items ?? []).map(({ serverGroup }) => ({
          value: serverGroup.name,
          label: serverGroup.displayName,
        }))}
        value={url.serverGroup ?? null}
        onChange={(serverGroup) => setUrl({ serverGroup: serverGroup ?? undefined, cursor: undefined })}
      />
      <Select
        size="xs"
        w={150}
        aria-label="State"
        placeholder="All states"
        clearable
        data={STATES}
        value={url.state ?? null}
        onChange={(state) => setUrl({ state: state ?? undefined, cursor: undefined })}
      />
      {url.project !== undefined && (
        <Text size="sm">
          Project <span className="mono">{url.project}</span>
        </Text>
      )}
    </>
  );
}

const PROJECT_COLUMN: Column<DeploymentRow> = {
  id: 'project',
  title: 'Project',
  cell: ({ deployment }) => (
    <Link to={`/projects/${deployment.project}`} className={classes.name ?? ''}>
      {deployment.projectDisplayName}
    </Link>
  ),
};

const COLUMNS: readonly Column<DeploymentRow>[] = [
  {
    id: 'version',
    title: 'Version',
    cell: ({ deployment }) => <VersionLink deployment={deployment} />,
  },
  { id: 'group', title: 'Server group', cell: ({ deployment }) => deployment.serverGroupDisplayName },
  { id: 'state', title: 'State', cell: ({ deployment }) => <DeploymentState deployment={deployment} /> },
  {
    id: 'by',
    title: 'By',
    cell: ({ deployment }) => <ByWhom by={deployment.createdBy} at={deployment.createdAt} />,
  },
  {
    id: 'note',
    title: 'Note',
    cell: ({ deployment }) => (
      <div className={classes.note} title={deployment.note}>
        {deployment.note === '' ? <span className={classes.none}>–</span> : deployment.note}
      </div>
    ),
  },
  {
    id: 'effect',
    title: 'Failed, 15 min before and after',
    align: 'right',
    cell: ({ effect }) => <Effect effect={effect} />,
  },
  {
    id: 'menu',
    title: 'Acts',
    isUnnamed: true,
    width: 44,
    cell: ({ deployment }) => <DeploymentMenu deployment={deployment} />,
  },
];

function VersionLink({ deployment }: { readonly deployment: Deployment }) {
  const { id, version, kind } = deployment;
  return (
    <Link
      to="."
      search={((before: Record<string, string>) => ({ ...before, deployment: id })) as never}
      className="nowrap num"
      aria-label={`v${version}, ${KIND_WORDS[kind]}, on ${deployment.serverGroupDisplayName}`}
    >
      v{version}
    </Link>
  );
}

const KIND_WORDS = { deploy: 'deployed', rollback: 'rolled back to', undeploy: 'undeployed' } as const;
