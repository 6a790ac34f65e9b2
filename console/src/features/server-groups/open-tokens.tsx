import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { JoinToken } from '#core/model/server-group';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { formatAgo } from '../../components/format.ts';
import { useNow } from '../../components/moment.tsx';
import { Failure } from '../../components/states.tsx';

/** The join tokens that still let somebody in, and how to end them. */
export function OpenTokens({ group, tokens }: { readonly group: string; readonly tokens: readonly JoinToken[] }) {
  const now = useNow();
  const open = tokens.filter(({ state }) => state === 'open');
  const end = useMutation({
    mutationFn: (id: string) => api.remove(path`/server-groups/${group}/join-tokens/${id}`),
    onSuccess: () => refreshAll(),
  });
  if (open.length === 0) return undefined;
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        Open join tokens
      </Text>
      {open.map(({ id, createdBy, createdAt, endsAt }) => (
        <Group key={id} justify="space-between" wrap="nowrap">
          <Text size="sm">
            Made by {createdBy} {formatAgo(createdAt, now)}, ends {formatAgo(endsAt, now)}
          </Text>
          <Button size="compact-sm" variant="default" onClick={() => end.mutate(id)}>
            End now
          </Button>
        </Group>
      ))}
      {end.isError && <Failure what="Could not end the token." error={end.error} />}
    </Stack>
  );
}
