import { Button, Group, Stack, Text } from '@mantine/core';
import type { ProjectRow } from '#core/model/overview/screens';
import { api, path } from '../../api/client.ts';
import { Dialog } from '../../components/dialog.tsx';
import { plural } from '../../components/format.ts';
import { Outcomes } from './outcomes.tsx';
import { useBulk } from './use-bulk.ts';

interface BulkDeleteProps {
  readonly projects: readonly ProjectRow[];
  readonly onClose: () => void;
  /** Called when it is over. */
  readonly onDone: () => void;
}

/** Deletes several projects; those that run somewhere or are in a product stay, and it says so. */
export function BulkDelete({ projects, onClose, onDone }: BulkDeleteProps) {
  const { outcomes, isRunning, run } = useBulk(projects, async ({ name }) => {
    await api.remove(path`/projects/${name}`);
    return 'is deleted.';
  });
  const isOver = outcomes !== undefined && !isRunning;
  const deployed = projects.filter(({ live }) => live.length > 0).length;
  const what = plural(projects.length, 'project', 'projects');
  const close = () => {
    if (isOver) onDone();
    onClose();
  };
  return (
    <Dialog title={`Delete ${what}?`} isOpen onClose={close}>
      <Stack>
        {outcomes === undefined ? (
          <>
            <Text size="sm">{projects.map(({ displayName }) => displayName).join(', ')}</Text>
            <Text size="sm">
              Drafts, versions and deployments are deleted, which cannot be undone.
              {deployed > 0 &&
                ` ${deployed} of them ${deployed === 1 ? 'runs' : 'run'} on a server group: ${deployed === 1 ? 'it stays' : 'they stay'}.`}
            </Text>
          </>
        ) : (
          <Outcomes outcomes={outcomes} />
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant={isOver ? 'filled' : 'default'} data-autofocus disabled={isRunning} onClick={close}>
            {isOver ? 'Done' : 'Cancel'}
          </Button>
          {!isOver && (
            <Button color="red" loading={isRunning} onClick={() => void run()}>
              Delete {what}
            </Button>
          )}
        </Group>
      </Stack>
    </Dialog>
  );
}
