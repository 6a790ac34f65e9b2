import { Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ProjectOverview } from '#core/model/overview/screens';
import { useRight } from '../../api/session.ts';
import { plural } from '../../components/format.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { Surface } from '../../components/surface.tsx';
import { DeleteProject } from '../projects/delete-project.tsx';

/** The part of a project's settings that deletes it. */
export function DeleteProjectCard({ overview }: { readonly overview: ProjectOverview }) {
  const { project, newestVersion } = overview;
  const right = useRight('projects:write');
  const [isOpen, dialog] = useDisclosure(false);
  return (
    <Surface title="Delete">
      <Group justify="space-between" gap="sm">
        <Text size="sm" c="dimmed" maw={460}>
          The draft goes with its resources, policies and targets
          {newestVersion !== undefined && `, and ${plural(newestVersion, 'version', 'versions')} of it`}.
        </Text>
        <GuardedButton right={right} variant="default" onClick={dialog.open}>
          Delete project
        </GuardedButton>
      </Group>
      <DeleteProject project={project.name} displayName={project.displayName} isOpen={isOpen} onClose={dialog.close} />
    </Surface>
  );
}
