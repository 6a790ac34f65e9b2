import { Empty } from '../../components/states.tsx';
import { DeployButton } from '../deploy/deploy-button.tsx';
import { DeploymentList } from './deployment-list.tsx';

/** The deployments of one project (by name): a tab of its page. */
export function ProjectDeployments({
  project,
  displayName,
}: {
  readonly project: string;
  readonly displayName: string;
}) {
  return (
    <DeploymentList
      project={project}
      empty={
        <Empty title="Not deployed yet" actions={<DeployButton project={project} displayName={displayName} />}>
          Deploy makes a version that never changes.
        </Empty>
      }
    />
  );
}
