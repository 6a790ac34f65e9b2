import { useDisclosure } from '@mantine/hooks';
import { IconRocket } from '@tabler/icons-react';
import { useRight } from '../../api/session.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { DeployDialog } from './deploy-dialog.tsx';

/** Opens the deploy dialog of a project (by name). */
export function DeployButton({
  project,
  displayName,
  label = 'Deploy',
}: {
  readonly project: string;
  readonly displayName: string;
  readonly label?: string;
}) {
  const right = useRight('deployments:write');
  const [isOpen, dialog] = useDisclosure(false);
  return (
    <>
      <GuardedButton right={right} leftSection={<IconRocket size={16} />} onClick={dialog.open}>
        {label}
      </GuardedButton>
      <DeployDialog project={project} displayName={displayName} isOpen={isOpen} onClose={dialog.close} />
    </>
  );
}
