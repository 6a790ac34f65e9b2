import { Stack, Text } from '@mantine/core';
import type { ProjectRow } from '#core/model/overview/screens';
import { CodeLine } from '../../components/code-line.tsx';
import { Dialog } from '../../components/dialog.tsx';

/** The command lines of what can be done with a project. */
export function ProjectCommands({
  project: { name, displayName, live },
  isOpen,
  onClose,
}: {
  readonly project: ProjectRow;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const group = live[0]?.serverGroup ?? 'local';
  const commands = [
    { title: 'Show it', command: `gatewright project get ${name}` },
    { title: 'What a deployment would change', command: `gatewright diff ${name} --to ${group}` },
    { title: 'Deploy it', command: `gatewright deploy ${name} --to ${group}` },
    { title: 'Export it as files', command: `gatewright export ${name} --dir ./${name}` },
    { title: 'Delete it', command: `gatewright project delete ${name}` },
  ];
  return (
    <Dialog title={`Commands for ${displayName}`} isOpen={isOpen} onClose={onClose}>
      <Stack gap="sm">
        {commands.map(({ title, command }) => (
          <div key={title}>
            <Text size="sm" fw={600} mb={4}>
              {title}
            </Text>
            <CodeLine value={command} label={`Copy: ${title}`} />
          </div>
        ))}
      </Stack>
    </Dialog>
  );
}
