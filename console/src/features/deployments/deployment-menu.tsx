import { Menu } from '@mantine/core';
import { useState } from 'react';
import type { Deployment } from '#core/model/deployment';
import { useRight } from '../../api/session.ts';
import { GuardedItem, RowMenu } from '../../components/row-menu.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { DeployDialog } from '../deploy/deploy-dialog.tsx';
import { RollbackDialog } from '../deploy/rollback-dialog.tsx';
import { UndeployDialog } from '../deploy/undeploy-dialog.tsx';

/** What can be done with a deployment in the list. */
export function DeploymentMenu({ deployment }: { readonly deployment: Deployment }) {
  const { id, project, projectDisplayName, serverGroup, version, state, previousVersion } = deployment;
  const [open, setOpen] = useState<'rollback' | 'deploy' | 'undeploy'>();
  const [, setUrl] = useUrlState();
  const here = useRight('deployments:write', serverGroup);
  const anywhere = useRight('deployments:write');
  const close = () => setOpen(undefined);
  const isLive = state === 'live';
  // Of what runs, back to what ran before it; of what ran once, back to it.
  const goal = isLive ? previousVersion : version;
  // Of what was taken off nothing runs: it is deployed again.
  const canRollBack = state !== 'undeployed' && goal !== undefined && !(isLive && goal === version);
  return (
    <>
      <RowMenu label={`Acts on v${version} of ${projectDisplayName}`}>
        <Menu.Item onClick={() => setUrl({ deployment: id }, { replace: false })}>See changes</Menu.Item>
        {canRollBack && (
          <GuardedItem right={here} onClick={() => setOpen('rollback')}>
            {isLive ? `Roll back to v${goal}…` : 'Roll back to this version…'}
          </GuardedItem>
        )}
        <GuardedItem right={anywhere} onClick={() => setOpen('deploy')}>
          Deploy this version to…
        </GuardedItem>
        {isLive && (
          <>
            <Menu.Divider />
            <GuardedItem right={here} onClick={() => setOpen('undeploy')} isDestructive>
              Undeploy…
            </GuardedItem>
          </>
        )}
      </RowMenu>
      <RollbackDialog
        project={project}
        displayName={projectDisplayName}
        serverGroup={serverGroup}
        serverGroupDisplayName={deployment.serverGroupDisplayName}
        toVersion={goal}
        isOpen={open === 'rollback'}
        onClose={close}
      />
      <DeployDialog
        project={project}
        displayName={projectDisplayName}
        version={version}
        isOpen={open === 'deploy'}
        onClose={close}
      />
      <UndeployDialog
        project={project}
        displayName={projectDisplayName}
        serverGroup={serverGroup}
        isOpen={open === 'undeploy'}
        onClose={close}
      />
    </>
  );
}
