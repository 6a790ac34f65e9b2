import { Text } from '@mantine/core';
import type { Deployment } from '#core/model/deployment';
import { StateBadge } from '../../components/badges.tsx';
import { Link } from '../../components/link.tsx';
import { ByWhom } from '../../components/moment.tsx';
import { Surface } from '../../components/surface.tsx';
import classes from './dashboard.module.css';

/** The newest deployments. */
export function RecentDeployments({ deployments }: { readonly deployments: readonly Deployment[] }) {
  return (
    <Surface title="Recent deployments" aside={<Link to="/deployments">All deployments</Link>}>
      {deployments.length === 0 ? (
        <Text size="sm" c="dimmed">
          Not deployed yet. Deploy makes a version that never changes.
        </Text>
      ) : (
        <ul className={classes.deployments}>
          {deployments.map((deployment) => (
            <li key={deployment.id}>
              <Link to={`/projects/${deployment.project}`}>{deployment.projectDisplayName}</Link>
              <Text size="sm">
                v{deployment.version} in {deployment.serverGroup}
              </Text>
              <StateBadge state={deployment.state} />
              <ByWhom by={deployment.createdBy} at={deployment.createdAt} />
            </li>
          ))}
        </ul>
      )}
    </Surface>
  );
}
