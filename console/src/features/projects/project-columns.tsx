import { Group } from '@mantine/core';
import type { ProjectRow } from '#core/model/overview/screens';
import { PROJECT_KIND_TITLES } from '#core/model/project-kind';
import { Status } from '../../components/badges.tsx';
import type { Column } from '../../components/data-table.tsx';
import { formatNumber, formatShare } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { ByWhom } from '../../components/moment.tsx';
import { ProjectMenu } from './project-menu.tsx';
import classes from './projects.module.css';

/** The columns of the list of projects. */
export const PROJECT_COLUMNS: readonly Column<ProjectRow>[] = [
  {
    id: 'name',
    title: 'Name',
    sort: 'displayName',
    cell: ({ name, displayName }) => (
      <Link to={`/projects/${name}`} className={classes.name ?? ''}>
        {displayName}
      </Link>
    ),
  },
  {
    id: 'kind',
    title: 'Type',
    cell: ({ kind }) => <span className="nowrap">{PROJECT_KIND_TITLES[kind]}</span>,
  },
  {
    id: 'path',
    title: 'Context path',
    cell: ({ contextPath }) => <span className={`mono ${classes.path}`}>{contextPath}</span>,
  },
  { id: 'live', title: 'Live on', cell: (row) => <LiveOn row={row} /> },
  {
    id: 'draft',
    title: 'Draft',
    cell: (row) => (
      <div className={classes.draft}>
        <DraftState row={row} />
      </div>
    ),
  },
  {
    id: 'changed',
    title: 'Changed',
    sort: 'updatedAt',
    cell: ({ updatedBy, updatedAt }) => <ByWhom by={updatedBy} at={updatedAt} />,
  },
  {
    id: 'requests',
    title: 'Requests 24 h',
    align: 'right',
    cell: ({ last24h }) => (last24h === undefined ? '–' : formatNumber(last24h.requests)),
  },
  { id: 'failed', title: 'Failed', align: 'right', cell: (row) => <FailedShare row={row} /> },
  { id: 'menu', title: 'Acts', isUnnamed: true, width: 44, cell: (row) => <ProjectMenu project={row} /> },
];

/** Where a project runs, and which version. */
export function LiveOn({ row: { live } }: { readonly row: ProjectRow }) {
  if (live.length === 0) return <span className={classes.none}>nowhere</span>;
  return (
    <Group gap={4} className={classes.live ?? ''}>
      {live.map(({ serverGroup, serverGroupDisplayName, version }) => (
        <span key={serverGroup} className={classes.badge} title={`v${version} on ${serverGroupDisplayName}`}>
          <Status tone="green">
            v{version} {serverGroupDisplayName}
          </Status>
        </span>
      ))}
    </Group>
  );
}

/** Whether the draft has something that does not run. */
export function DraftState({ row: { live, draftChanged } }: { readonly row: ProjectRow }) {
  if (live.length === 0) return <Status tone="gray">Not deployed</Status>;
  return draftChanged ? <Status tone="orange">Changed</Status> : <span className={classes.none}>as deployed</span>;
}

function FailedShare({ row: { last24h } }: { readonly row: ProjectRow }) {
  if (last24h === undefined) return '–';
  const isBad = last24h.requests > 0 && last24h.failed / last24h.requests >= 0.05;
  return <span className={isBad ? (classes.bad ?? '') : ''}>{formatShare(last24h.failed, last24h.requests)}</span>;
}
