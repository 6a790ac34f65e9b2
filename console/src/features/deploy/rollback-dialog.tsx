import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Deployment } from '#core/model/deployment';
import { api } from '../../api/client.ts';
import { useRight } from '../../api/session.ts';
import { Status } from '../../components/badges.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { Lines, Loaded } from '../../components/loaded.tsx';
import { shellWord } from '../../components/shell-word.ts';
import { ShowCommand } from '../../components/show-command.tsx';
import { Failure } from '../../components/states.tsx';
import { DiffBox } from './change-list.tsx';
import { ProgressView } from './progress-view.tsx';
import { useRollbackPreview } from './use-preview.ts';

interface RollbackDialogProps {
  /** Name of the project. */
  readonly project: string;
  /** Left out: its name stands in for it. */
  readonly displayName?: string | undefined;
  /** Name of the server group. */
  readonly serverGroup: string;
  /** Left out: its name stands in for it. */
  readonly serverGroupDisplayName?: string | undefined;
  /** Left out: the version that ran before. */
  readonly toVersion?: number | undefined;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Runs an older version again (console.md §4.13). Its undo is to deploy the newer one again. */
export function RollbackDialog({ isOpen, onClose, ...what }: RollbackDialogProps) {
  const [placed, setPlaced] = useState<Deployment>();
  const close = () => {
    setPlaced(undefined);
    onClose();
  };
  return (
    <Dialog title={`Roll back ${what.displayName ?? what.project}`} isOpen={isOpen} onClose={close}>
      {placed === undefined ? (
        <RollbackForm {...what} onPlaced={setPlaced} onCancel={close} />
      ) : (
        <ProgressView start={placed} onNext={setPlaced} onClose={close} />
      )}
    </Dialog>
  );
}

function RollbackForm({
  project,
  serverGroup,
  serverGroupDisplayName = serverGroup,
  toVersion,
  onPlaced,
  onCancel,
}: Omit<RollbackDialogProps, 'isOpen' | 'onClose'> & {
  readonly onPlaced: (deployment: Deployment) => void;
  readonly onCancel: () => void;
}) {
  const [reason, setReason] = useState('');
  const right = useRight('deployments:write', serverGroup);
  const preview = useRollbackPreview(project, serverGroup, toVersion);
  const rollback = useMutation({
    mutationFn: () =>
      api.post<Deployment>('/deployments/rollback', {
        project,
        serverGroup,
        reason: reason.trim(),
        ...(toVersion !== undefined && { toVersion }),
      }),
    onSuccess: onPlaced,
  });
  const to = preview.data?.to ?? (toVersion === undefined ? undefined : `v${toVersion}`);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (preview.data !== undefined && right.allowed) rollback.mutate();
      }}
    >
      <Stack>
        <Loaded result={preview} what="the changes" skeleton={<Lines count={4} />}>
          {(diff) => (
            <Stack gap="sm">
              <Group gap={8}>
                <Status tone="orange">{diff.from}</Status>
                <IconArrowRight size={16} aria-label="to" />
                <Status tone="green">{diff.to}</Status>
                <Text size="sm">on {serverGroupDisplayName}</Text>
              </Group>
              <DiffBox diff={diff} nothing={`${diff.to} has the same content as ${diff.from}.`} />
            </Stack>
          )}
        </Loaded>
        <Text size="sm">
          <b>Not rolled back:</b> consumer keys, subscriptions, quota counters. The draft stays as it is.
        </Text>
        <TextInput
          label="Reason"
          description="Shown in the deployment history and the audit trail"
          maxLength={500}
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {rollback.isError && <Failure what="Could not roll back." error={rollback.error} />}
        <ShowCommand command={commandOf({ project, serverGroup, toVersion, reason })} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <GuardedButton right={right} type="submit" loading={rollback.isPending} disabled={preview.data === undefined}>
            Roll back{to === undefined ? '' : ` to ${to}`}
          </GuardedButton>
        </Group>
      </Stack>
    </form>
  );
}

function commandOf(what: {
  readonly project: string;
  readonly serverGroup: string;
  readonly toVersion: number | undefined;
  readonly reason: string;
}): string {
  const reason = what.reason.trim();
  return [
    `gatewright rollback ${what.project} --on ${what.serverGroup}`,
    ...(what.toVersion === undefined ? [] : [`--to v${what.toVersion}`]),
    ...(reason === '' ? [] : [`--reason ${shellWord(reason)}`]),
  ].join(' ');
}
