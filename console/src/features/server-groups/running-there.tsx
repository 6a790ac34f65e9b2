import type { ServerGroupOverview } from '#core/model/overview/screens';
import tableClasses from '../../components/data-table.module.css';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { formatNumber } from '../../components/format.ts';
import { Link, LinkButton } from '../../components/link.tsx';
import { Moment } from '../../components/moment.tsx';
import { Empty } from '../../components/states.tsx';
import classes from './server-groups.module.css';

type Live = ServerGroupOverview['live'][number];

/** What runs on a server group; of very many the ones placed last. */
export function RunningThere({
  live,
  projects,
  group,
}: {
  readonly live: readonly Live[];
  readonly projects: number;
  readonly group: string;
}) {
  return (
    <div className="surface">
      {live.length === 0 ? (
        <Empty title="Nothing runs here yet" actions={<LinkButton to="/projects">Open API projects</LinkButton>}>
          Deploy an API project to this server group; its gateways take it within a second.
        </Empty>
      ) : (
        <>
          <DataTable
            label="API projects that run here"
            columns={COLUMNS}
            rows={live}
            rowKey={({ project }) => project}
          />
          <div className={tableClasses.foot}>
            <span className="num">
              {formatNumber(live.length)} of {formatNumber(projects)}
            </span>
            <Link to="/deployments" search={{ serverGroup: group } as never}>
              All deployments here
            </Link>
          </div>
        </>
      )}
    </div>
  );
}

const COLUMNS: readonly Column<Live>[] = [
  {
    id: 'project',
    title: 'API project',
    cell: ({ project, projectDisplayName }) => (
      <div className={classes.name}>
        <Link to={`/projects/${project}`}>{projectDisplayName}</Link>
      </div>
    ),
  },
  { id: 'version', title: 'Version', cell: ({ version }) => <span className="num">v{version}</span> },
  { id: 'since', title: 'Since', cell: ({ since }) => <Moment at={since} /> },
];
