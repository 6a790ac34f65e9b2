import { Checkbox, Stack } from '@mantine/core';
import { useState } from 'react';
import type { SigningKeyView } from '#core/model/signing-key';
import { api } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { Confirm } from '../../components/dialog.tsx';
import { tell } from '../../components/notify.ts';
import { ShowCommand } from '../../components/show-command.tsx';

/** Asks before the keys of all algorithms, or of one, are rotated. */
export function RotateKeys({
  what,
  onClose,
}: {
  readonly what: 'all' | SigningKeyView['algorithm'] | undefined;
  readonly onClose: () => void;
}) {
  const [isForced, setForced] = useState(false);
  const close = () => {
    setForced(false);
    onClose();
  };
  const one = what === 'all' ? undefined : what;
  return (
    <Confirm
      title={one === undefined ? 'Rotate all signing keys?' : `Rotate the signing key of ${one}?`}
      act={one === undefined ? 'Rotate all' : `Rotate ${one}`}
      isOpen={what !== undefined}
      failure="Could not rotate."
      onClose={close}
      onConfirm={async () => {
        await api.post('/signing-keys/rotate', { ...(one !== undefined && { algorithm: one }), force: isForced });
        await refreshAll();
        tell(isForced ? 'The new keys sign.' : 'The next keys are published. They sign in a day.');
      }}
    >
      <Stack>
        <span>
          The next key is published now and signs in a day, when everybody who keeps key sets has it. Tokens that are
          there stay good: the key of before is published until they have ended.
        </span>
        <Checkbox
          label="Sign with it at once"
          description="Whoever has kept the key set refuses new tokens until they fetch it again."
          checked={isForced}
          onChange={(event) => setForced(event.currentTarget.checked)}
        />
        <ShowCommand
          command={`gatewright signing-key rotate${one === undefined ? '' : ` --algorithm ${one}`}${isForced ? ' --force' : ''}`}
        />
      </Stack>
    </Confirm>
  );
}
