import { Button, Group, Stack, Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { CreatedJoinToken, JoinToken } from '#core/model/server-group';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { CodeLine } from '../../components/code-line.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { formatDuration } from '../../components/format.ts';
import { useApi } from '../../components/loaded.tsx';
import { useNow } from '../../components/moment.tsx';
import { Failure } from '../../components/states.tsx';
import { OpenTokens } from './open-tokens.tsx';

interface AddGatewayProps {
  /** Name of the server group. */
  readonly group: string;
  readonly displayName: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** How a gateway is added: one command with a token that works once, within an hour. */
export function AddGateway(props: AddGatewayProps) {
  return (
    <Dialog title={`Add a gateway to ${props.displayName}`} size="lg" isOpen={props.isOpen} onClose={props.onClose}>
      <Joining {...props} />
    </Dialog>
  );
}

function Joining({ group, displayName, onClose }: AddGatewayProps) {
  const tokens = useApi<{ readonly items: readonly JoinToken[] }>(path`/server-groups/${group}/join-tokens`, {
    refreshMs: 2_000,
  });
  const make = useMutation({
    mutationFn: () => api.post<CreatedJoinToken>(path`/server-groups/${group}/join-tokens`),
    onSuccess: () => void tokens.refetch(),
  });
  const made = make.data;
  const used = tokens.data?.items.find(({ id, state }) => id === made?.id && state === 'used');
  return (
    <Stack>
      {made === undefined ? (
        <>
          <Text size="sm">
            A gateway joins by itself with a token that works once, within an hour. Then it takes over everything that
            is deployed to {displayName}. Its machine needs Gatewright and has to reach this manager.
          </Text>
          <OpenTokens group={group} tokens={tokens.data?.items ?? []} />
        </>
      ) : used === undefined ? (
        <Command token={made} />
      ) : (
        <Group gap={8} wrap="nowrap" align="flex-start">
          <IconCheck size={20} color="var(--ok)" aria-hidden="true" style={{ flexShrink: 0 }} />
          <Text size="sm" role="status">
            {used.gatewayId ?? 'A gateway'} has joined. It is ready as soon as it has taken over what is deployed.
          </Text>
        </Group>
      )}
      {make.isError && <Failure what="Could not make a join token." error={make.error} />}
      <Group justify="flex-end" gap="xs">
        <Button
          variant={made === undefined ? 'default' : 'filled'}
          onClick={() => {
            onClose();
            void refreshAll();
          }}
        >
          {made === undefined ? 'Cancel' : 'Done'}
        </Button>
        {made === undefined && (
          <Button loading={make.isPending} data-autofocus onClick={() => make.mutate()}>
            Make join token
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function Command({ token: { command, endsAt } }: { readonly token: CreatedJoinToken }) {
  const now = useNow(1000);
  const left = endsAt - now;
  if (left <= 0) return <Text size="sm">The token has ended unused. Close this and make a new one.</Text>;
  return (
    <Stack gap="xs">
      <Text size="sm">
        Run this where the gateway is to be. It is shown this once: the token in it lets one gateway in.
      </Text>
      <CodeLine value={command} label="Copy the command" />
      <Text size="sm" c="dimmed" className="num">
        Ends in {formatDuration(left)}. Waiting for the gateway…
      </Text>
    </Stack>
  );
}
