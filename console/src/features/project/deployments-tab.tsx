import { ProjectDeployments } from '../deployments/project-deployments.tsx';
import { useProject } from './project-context.ts';

/** Which versions of the project ran where, since when, and by whom. */
export function DeploymentsTab() {
  const { name, displayName } = useProject().overview.project;
  return <ProjectDeployments project={name} displayName={displayName} />;
}
