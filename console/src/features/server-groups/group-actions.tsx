import { Button, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import type { ServerGroupOverview } from '#core/model/overview/screens';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { Confirm, Dialog } from '../../components/dialog.tsx';
import { plural } from '../../components/format.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { LinkButton } from '../../components/link.tsx';
import { tell } from '../../components/notify.ts';
import { AddGateway } from './add-gateway.tsx';

/** The group that always exists. */
const LOCAL = 'local';

/** What can be done with a server group as a whole. */
export function GroupActions({ overview }: { readonly overview: ServerGroupOverview }) {
  const { name, displayName } = overview.serverGroup;
  const [isAdding, adding] = useDisclosure(false);
  const [isDeleting, deleting] = useDisclosure(false);
  const right = useRight('server-groups:write');
  const add = useRight('gateways:write', name);
  return (
    <>
      {name !== LOCAL && (
        <GuardedButton right={right} variant="default" onClick={deleting.open}>
          Delete…
        </GuardedButton>
      )}
      <GuardedButton right={add} leftSection={<IconPlus size={16} />} onClick={adding.open}>
        Add gateway
      </GuardedButton>
      <AddGateway group={name} displayName={displayName} isOpen={isAdding} onClose={adding.close} />
      {overview.projects > 0 ? (
        <InUse overview={overview} isOpen={isDeleting} onClose={deleting.close} />
      ) : (
        <DeleteGroup overview={overview} isOpen={isDeleting} onClose={deleting.close} />
      )}
    </>
  );
}

interface DeleteProps {
  readonly overview: ServerGroupOverview;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Why a group that runs projects is not deleted, and where to begin. */
function InUse({ overview, isOpen, onClose }: DeleteProps) {
  const { name, displayName } = overview.serverGroup;
  return (
    <Dialog title={`Delete ${displayName}?`} isOpen={isOpen} onClose={onClose}>
      <Stack>
        <Text size="sm">
          {displayName} runs {plural(overview.projects, 'project', 'projects')}. Undeploy{' '}
          {overview.projects === 1 ? 'it' : 'them'} first.
        </Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" data-autofocus onClick={onClose}>
            Close
          </Button>
          <LinkButton to="/deployments" search={{ serverGroup: name, state: 'live' } as never}>
            See what runs there
          </LinkButton>
        </Group>
      </Stack>
    </Dialog>
  );
}

function DeleteGroup({ overview, isOpen, onClose }: DeleteProps) {
  const { name, displayName } = overview.serverGroup;
  const navigate = useNavigate();
  const count = overview.gateways.length;
  return (
    <Confirm
      title={`Delete ${displayName}?`}
      isOpen={isOpen}
      onClose={onClose}
      act="Delete server group"
      isDestructive
      typed={displayName}
      failure={`Could not delete ${displayName}.`}
      onConfirm={async () => {
        await api.remove(path`/server-groups/${name}`);
        tell(`${displayName} is deleted.`);
        await navigate({ to: '/server-groups' });
        await refreshAll();
      }}
    >
      {count === 0
        ? 'It has no gateway and runs no project. Its variables and secrets are deleted with it.'
        : `It runs no project. Its ${plural(count, 'gateway', 'gateways')} can serve nothing any more, and its variables and secrets are deleted with it.`}
    </Confirm>
  );
}
