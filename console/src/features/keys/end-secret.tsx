import { Checkbox, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { ConsumerSecret } from '#core/model/consumer-key';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { Confirm } from '../../components/dialog.tsx';
import { formatAgo, plural } from '../../components/format.ts';
import { useNow } from '../../components/moment.tsx';
import { tell } from '../../components/notify.ts';

const DAY_MS = 24 * 3_600_000;

/** Ends a secret at once. One that was used within a day needs the client's name typed. */
export function EndSecret({
  subscription,
  secret,
  clientDisplayName,
  lastHour,
  onClose,
}: {
  readonly subscription: string;
  readonly secret: ConsumerSecret | undefined;
  readonly clientDisplayName: string;
  /** How often it was used in the last hour, where that is known. */
  readonly lastHour: number | undefined;
  readonly onClose: () => void;
}) {
  const [revokesTokens, setRevokesTokens] = useState(false);
  const now = useNow();
  if (secret === undefined) return undefined;
  const usedAt = secret.lastUsedAt;
  // Unused since the newer one took over, or unused at all: nobody is cut off.
  const isInUse = usedAt !== undefined && now - usedAt < (secret.state === 'ending' ? 60_000 : DAY_MS);
  return (
    <Confirm
      title={`End ${secret.name} now?`}
      act="End secret now"
      isOpen
      isDestructive={isInUse}
      typed={isInUse ? clientDisplayName : undefined}
      failure="Could not end the secret."
      onClose={onClose}
      onConfirm={async () => {
        await api.post(path`/subscriptions/${subscription}/secrets/${secret.id}/end`, { revokeTokens: revokesTokens });
        await refreshAll();
        tell(`${secret.name} has ended.`);
      }}
    >
      <Stack gap="sm">
        {isInUse && usedAt !== undefined ? (
          <Text size="sm" fw={600}>
            {lastHour === undefined ? 'Used' : `Used ${plural(lastHour, 'time', 'times')} in the last hour,`} last{' '}
            {formatAgo(usedAt, now)}
            {secret.lastUsedAddress === undefined ? '' : ` from ${secret.lastUsedAddress}`}.
          </Text>
        ) : (
          <Text size="sm">
            {usedAt === undefined ? 'It was never used.' : `It was used last ${formatAgo(usedAt, now)}.`}
          </Text>
        )}
        <Text size="sm">Token requests with it are refused from now on. This cannot be undone.</Text>
        <Checkbox
          label="Also revoke tokens issued with it"
          checked={revokesTokens}
          onChange={(event) => setRevokesTokens(event.currentTarget.checked)}
        />
      </Stack>
    </Confirm>
  );
}
