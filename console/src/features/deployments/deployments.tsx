import { LinkButton } from '../../components/link.tsx';
import { Page } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { DeploymentList } from './deployment-list.tsx';

/** Every deployment, newest first (console.md §4.13). */
export function Deployments() {
  return (
    <Page title="Deployments" description="Which version of which project was placed where, by whom, and what it did.">
      <DeploymentList
        empty={
          <Empty title="Nothing deployed yet" actions={<LinkButton to="/projects">Open API projects</LinkButton>}>
            Deploy makes a version of a project that never changes, and runs it on a server group.
          </Empty>
        }
      />
    </Page>
  );
}
