import { useDisclosure } from '@mantine/hooks';
import type { Project } from '#core/model/project';
import { isProxied } from '#core/model/project-kind';
import { useRight } from '../../api/session.ts';
import { GuardedItem, RowMenu } from '../../components/row-menu.tsx';
import { ReimportDialog } from './reimport-dialog.tsx';

/** What can be done with all resources of a project: import a newer document. Nothing for a token end point, which has none to import. */
export function ResourcesMenu({ project }: { readonly project: Pick<Project, 'name' | 'displayName' | 'kind'> }) {
  const right = useRight('imports:write');
  const [isOpen, dialog] = useDisclosure(false);
  if (!isProxied(project.kind)) return undefined;
  return (
    <>
      <RowMenu label="Acts on the resources">
        <GuardedItem right={right} onClick={dialog.open}>
          Import a newer file…
        </GuardedItem>
      </RowMenu>
      <ReimportDialog project={project.name} displayName={project.displayName} isOpen={isOpen} onClose={dialog.close} />
    </>
  );
}
