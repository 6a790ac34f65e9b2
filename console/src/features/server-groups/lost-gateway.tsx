import { Alert, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { Gateway } from '#core/model/server-group';
import { formatDuration } from '../../components/format.ts';
import { useNow } from '../../components/moment.tsx';

/** Says that a gateway is not heard of, since when, and what it does meanwhile. */
export function LostGateway({ gateway: { name, lastSeenAt } }: { readonly gateway: Gateway }) {
  const now = useNow(1000);
  return (
    <Alert icon={<IconAlertTriangle />} style={{ borderLeftColor: 'var(--bad)' }}>
      <Text size="sm">
        {name} was last seen {formatDuration(Math.max(now - lastSeenAt, 1000))} ago. If its process runs, it keeps
        serving what it has, and catches up when it reaches the manager again.
      </Text>
    </Alert>
  );
}
