import { Button, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { Diff } from '#core/model/deployment';
import { path } from '../../api/client.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Lines, Loaded, useApi } from '../../components/loaded.tsx';
import { ShowCommand } from '../../components/show-command.tsx';
import { DiffBox } from '../deploy/change-list.tsx';

/** Shows what a deployment of the draft would change. */
export function ViewChanges({ project }: { readonly project: string }) {
  const [isOpen, dialog] = useDisclosure(false);
  return (
    <>
      <Button variant="default" onClick={dialog.open}>
        View changes
      </Button>
      <Dialog title="Changes not deployed" isOpen={isOpen} onClose={dialog.close} size="lg">
        <Changes project={project} />
      </Dialog>
    </>
  );
}

function Changes({ project }: { readonly project: string }) {
  const result = useApi<Diff>(path`/projects/${project}/diff`);
  return (
    <Stack>
      <Loaded result={result} what="the changes" skeleton={<Lines count={3} />}>
        {(diff) => (
          <>
            <Text size="sm" c="dimmed">
              {diff.from === 'nothing'
                ? 'Nothing of this project has been deployed. Deploy makes its first version, with all of this:'
                : `What the draft has that ${diff.from}, the newest version, has not. Deploy makes the next version.`}
            </Text>
            <DiffBox diff={diff} nothing={`The draft is the same as ${diff.from}.`} />
          </>
        )}
      </Loaded>
      <ShowCommand command={`gatewright diff ${project}`} />
    </Stack>
  );
}
