import { Menu } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ProjectRow } from '#core/model/overview/screens';
import { useRight } from '../../api/session.ts';
import { tellFailure } from '../../components/notify.ts';
import { GuardedItem, RowMenu } from '../../components/row-menu.tsx';
import { DeployDialog } from '../deploy/deploy-dialog.tsx';
import { DeleteProject } from './delete-project.tsx';
import { DuplicateProject } from './duplicate-project.tsx';
import { exportProject } from './export-project.ts';
import { ProjectCommands } from './project-commands.tsx';

/** What can be done with a project in the list. */
export function ProjectMenu({ project }: { readonly project: ProjectRow }) {
  const { name, displayName } = project;
  const [open, setOpen] = useState<'deploy' | 'duplicate' | 'commands' | 'delete'>();
  const navigate = useNavigate();
  const write = useRight('projects:write');
  const deploy = useRight('deployments:write');
  const close = () => setOpen(undefined);
  return (
    <>
      <RowMenu label={`Acts on ${displayName}`}>
        <Menu.Item onClick={() => void navigate({ to: `/projects/${name}` })}>Open</Menu.Item>
        <GuardedItem right={deploy} onClick={() => setOpen('deploy')}>
          Deploy…
        </GuardedItem>
        <GuardedItem right={write} onClick={() => setOpen('duplicate')}>
          Duplicate…
        </GuardedItem>
        <Menu.Item
          onClick={() =>
            void exportProject(name).catch((error: unknown) => tellFailure(`Could not export ${displayName}.`, error))
          }
        >
          Export
        </Menu.Item>
        <Menu.Item onClick={() => setOpen('commands')}>Show command</Menu.Item>
        <Menu.Divider />
        <GuardedItem right={write} onClick={() => setOpen('delete')} isDestructive>
          Delete…
        </GuardedItem>
      </RowMenu>
      <DeployDialog project={name} displayName={displayName} isOpen={open === 'deploy'} onClose={close} />
      <DuplicateProject project={project} isOpen={open === 'duplicate'} onClose={close} />
      <ProjectCommands project={project} isOpen={open === 'commands'} onClose={close} />
      <DeleteProject project={name} displayName={displayName} isOpen={open === 'delete'} onClose={close} />
    </>
  );
}
