import { Checkbox, Stack } from '@mantine/core';
import { useState } from 'react';
import type { SigningKeyView } from '#core/model/signing-key';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { Confirm } from '../../components/dialog.tsx';
import { tell } from '../../components/notify.ts';

/** What taking a key out of use is called, by its state. */
export const RETIRE_ACTS: Readonly<Record<SigningKeyView['state'], string>> = {
  next: 'Drop',
  current: 'Retire',
  retired: 'Withdraw',
};

/** Asks before a key is taken out of use. */
export function RetireKey({
  signingKey,
  onClose,
}: {
  readonly signingKey: SigningKeyView | undefined;
  readonly onClose: () => void;
}) {
  const [isLost, setLost] = useState(false);
  const close = () => {
    setLost(false);
    onClose();
  };
  const state = signingKey?.state ?? 'current';
  const act = state === 'current' && isLost ? 'Withdraw' : RETIRE_ACTS[state];
  return (
    <Confirm
      title={`${RETIRE_ACTS[state]} the key ${signingKey?.kid ?? ''}?`}
      act={`${act} key`}
      isDestructive
      isOpen={signingKey !== undefined}
      failure="Could not take the key out of use."
      onClose={close}
      onConfirm={async () => {
        await api.post(path`/signing-keys/${signingKey?.kid ?? ''}/retire`, { force: act === 'Withdraw' });
        await refreshAll();
        tell('The key is out of use.');
      }}
    >
      {state === 'next' && 'It has signed nothing yet. Another one is made when the rotation is due.'}
      {state === 'retired' &&
        'It is no longer published at once, and the tokens that it signed are refused. This cannot be undone.'}
      {state === 'current' && (
        <Stack>
          <span>
            Its successor signs at once. It stays published until what it signed has ended, so that those tokens stay
            good.
          </span>
          <Checkbox
            label="It got lost: withdraw it"
            description="It is no longer published, and every token that it signed is refused."
            checked={isLost}
            onChange={(event) => setLost(event.currentTarget.checked)}
          />
        </Stack>
      )}
    </Confirm>
  );
}
