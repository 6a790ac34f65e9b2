import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Deployment } from '#core/model/deployment';
import type { DeployChoices } from '#core/model/overview/screens';
import { api, path } from '../../api/client.ts';
import { Dialog } from '../../components/dialog.tsx';
import { formatNumber } from '../../components/format.ts';
import { useApi } from '../../components/loaded.tsx';
import { ShowCommand } from '../../components/show-command.tsx';
import { Failure } from '../../components/states.tsx';
import { ProgressView } from './progress-view.tsx';

interface UndeployDialogProps {
  /** Name of the project. */
  readonly project: string;
  readonly displayName: string;
  /** Name of the server group. */
  readonly serverGroup: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Takes a project off a server group, after saying what that means. */
export function UndeployDialog({ isOpen, onClose, ...what }: UndeployDialogProps) {
  const [placed, setPlaced] = useState<Deployment>();
  const close = () => {
    setPlaced(undefined);
    onClose();
  };
  return (
    <Dialog title={`Undeploy ${what.displayName}`} isOpen={isOpen} onClose={close}>
      {placed === undefined ? (
        <UndeployForm {...what} onPlaced={setPlaced} onCancel={close} />
      ) : (
        <ProgressView start={placed} onNext={setPlaced} onClose={close} />
      )}
    </Dialog>
  );
}

function UndeployForm({
  project,
  displayName,
  serverGroup,
  onPlaced,
  onCancel,
}: Omit<UndeployDialogProps, 'isOpen' | 'onClose'> & {
  readonly onPlaced: (deployment: Deployment) => void;
  readonly onCancel: () => void;
}) {
  const [note, setNote] = useState('');
  const choices = useApi<DeployChoices>(path`/overview/projects/${project}/deploy`, { refreshMs: 10_000 });
  const place = choices.data?.serverGroups.find(({ name }) => name === serverGroup);
  const undeploy = useMutation({
    mutationFn: () => api.post<Deployment>('/deployments/undeploy', { project, serverGroup, note: note.trim() }),
    onSuccess: onPlaced,
  });
  const rate = place?.requestsPerMinute;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        undeploy.mutate();
      }}
    >
      <Stack>
        <Text size="sm">
          {displayName}
          {place?.version !== undefined && ` v${place.version}`} stops answering on {place?.displayName ?? serverGroup}:
          its callers get 404 at once.{rate !== undefined && ` It gets ${formatNumber(rate)} requests/min now.`} The
          draft and every version stay, and can be deployed again.
        </Text>
        <TextInput
          label="Reason"
          description="Shown in the deployment history and the audit trail"
          maxLength={500}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {undeploy.isError && <Failure what={`Could not undeploy ${displayName}.`} error={undeploy.error} />}
        <ShowCommand command={`gatewright undeploy ${project} --on ${serverGroup}`} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" data-autofocus onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" color="red" loading={undeploy.isPending}>
            Undeploy from {place?.displayName ?? serverGroup}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
