import { Group, Text } from '@mantine/core';
import type { ProjectRow } from '#core/model/overview/screens';
import { KindBadge } from '../../components/badges.tsx';
import { formatShare, plural } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { Moment } from '../../components/moment.tsx';
import { DraftState, LiveOn } from './project-columns.tsx';
import { ProjectMenu } from './project-menu.tsx';
import classes from './projects.module.css';

/** Projects as cards. */
export function ProjectCards({ rows }: { readonly rows: readonly ProjectRow[] }) {
  return (
    <ul className={classes.cards}>
      {rows.map((row) => (
        <li key={row.id}>
          <div className={classes.card}>
            <div className={classes.cardHead}>
              <div style={{ minWidth: 0 }}>
                <Link to={`/projects/${row.name}`} className={classes.name ?? ''}>
                  {row.displayName}
                </Link>
                <Text size="xs" c="dimmed" className={`mono ${classes.path}`}>
                  {row.contextPath}
                </Text>
              </div>
              <ProjectMenu project={row} />
            </div>
            <div>
              <KindBadge kind={row.kind} />
            </div>
            <Group gap={6}>
              {row.live.length > 0 && <LiveOn row={row} />}
              <DraftState row={row} />
            </Group>
            <div className={classes.cardFoot}>
              <span className="num">{trafficOf(row)}</span>
              <Moment at={row.updatedAt} />
            </div>
          </div>
        </li>
      ))}
    </ul>
  );
}

function trafficOf({ last24h }: ProjectRow): string {
  if (last24h === undefined || last24h.requests === 0) return 'No requests in 24 h';
  return `${plural(last24h.requests, 'request', 'requests')} in 24 h, ${formatShare(last24h.failed, last24h.requests)} failed`;
}
