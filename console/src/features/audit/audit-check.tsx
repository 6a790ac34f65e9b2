import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { AuditVerification } from '#core/model/audit-checkpoint';
import { api } from '../../api/client.ts';
import { Dialog } from '../../components/dialog.tsx';
import { plural } from '../../components/format.ts';
import { Lines } from '../../components/loaded.tsx';
import { ShowCommand } from '../../components/show-command.tsx';
import { Failure } from '../../components/states.tsx';

/** Checks the whole trail: hashes, order and signed checkpoints. */
export function AuditCheck() {
  const check = useMutation({ mutationFn: () => api.post<AuditVerification>('/audit/verify') });
  return (
    <>
      <Button variant="default" leftSection={<IconShieldCheck size={16} />} onClick={() => check.mutate()}>
        Check the trail
      </Button>
      <Dialog title="Check of the audit trail" isOpen={!check.isIdle} onClose={() => check.reset()}>
        <Stack>
          {check.isPending && <Lines count={3} />}
          {check.isError && <Failure what="Could not check the trail." error={check.error} />}
          {check.data !== undefined && <Outcome outcome={check.data} />}
          <Text size="sm" c="dimmed">
            Whoever holds the server can change the trail and this check alike. The command line checks the chain by
            itself, against checkpoints that you keep elsewhere.
          </Text>
          <ShowCommand command="gatewright audit verify --checkpoint checkpoints.jsonl" />
        </Stack>
      </Dialog>
    </>
  );
}

function Outcome({ outcome }: { readonly outcome: AuditVerification }) {
  const { ok, entries, checkpoints, outside, fault } = outcome;
  return (
    <Alert
      role="status"
      title={ok ? 'The trail is whole.' : 'The trail was changed.'}
      style={{ borderLeftColor: ok ? 'var(--ok)' : 'var(--bad)' }}
    >
      <Text size="sm">
        {fault === undefined
          ? `${plural(entries, 'entry', 'entries')} and ${plural(checkpoints, 'signed checkpoint', 'signed checkpoints')} fit together; ${plural(outside, 'of them was', 'of them were')} kept outside the database.`
          : fault.message}
      </Text>
    </Alert>
  );
}
