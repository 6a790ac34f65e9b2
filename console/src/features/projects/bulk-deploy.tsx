import { Button, Group, Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { Deployment } from '#core/model/deployment';
import type { DeployChoices, ProjectRow } from '#core/model/overview/screens';
import { api, path } from '../../api/client.ts';
import { Dialog } from '../../components/dialog.tsx';
import { plural } from '../../components/format.ts';
import { Lines, Loaded, useApi } from '../../components/loaded.tsx';
import { Outcomes } from './outcomes.tsx';
import { useBulk } from './use-bulk.ts';

interface BulkDeployProps {
  readonly projects: readonly ProjectRow[];
  readonly onClose: () => void;
  /** Called when it is over. */
  readonly onDone: () => void;
}

/** Deploys the drafts of several projects to one server group, one after the other. */
export function BulkDeploy({ projects, onClose, onDone }: BulkDeployProps) {
  const [picked, setPicked] = useState<string>();
  const first = projects[0]?.name ?? '';
  const choices = useApi<DeployChoices>(path`/overview/projects/${first}/deploy`);
  const groups = choices.data?.serverGroups ?? [];
  const possible = groups.filter(({ isAllowed, gatewaysUp }) => isAllowed && gatewaysUp > 0);
  const chosen = possible.find(({ name }) => name === picked) ?? possible[0];
  const { outcomes, isRunning, run } = useBulk(projects, async ({ name }) => {
    const { version } = await api.post<Deployment>('/deployments', { project: name, serverGroup: chosen?.name });
    return `v${version} is placed on ${chosen?.displayName ?? ''}.`;
  });
  const isOver = outcomes !== undefined && !isRunning;
  const close = () => {
    if (isOver) onDone();
    onClose();
  };
  return (
    <Dialog title={`Deploy ${plural(projects.length, 'project', 'projects')}`} isOpen onClose={close}>
      <Stack>
        {outcomes === undefined ? (
          <Loaded result={choices} what="the server groups" skeleton={<Lines count={3} />}>
            {() => (
              <>
                <Text size="sm">{projects.map(({ displayName }) => displayName).join(', ')}</Text>
                <Radio.Group label="Server group" value={chosen?.name ?? ''} onChange={setPicked}>
                  <Stack gap={8} mt={8}>
                    {groups.map(({ name, displayName, isAllowed, gatewaysUp }) => (
                      <Radio
                        key={name}
                        value={name}
                        label={displayName}
                        disabled={!isAllowed || gatewaysUp === 0}
                        description={
                          isAllowed
                            ? gatewaysUp === 0
                              ? 'No gateway is up'
                              : `${plural(gatewaysUp, 'gateway', 'gateways')} up`
                            : `Needs the Releaser role on ${displayName}`
                        }
                      />
                    ))}
                  </Stack>
                </Radio.Group>
              </>
            )}
          </Loaded>
        ) : (
          <Outcomes outcomes={outcomes} />
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant={isOver ? 'filled' : 'default'} disabled={isRunning} onClick={close}>
            {isOver ? 'Done' : 'Cancel'}
          </Button>
          {!isOver && chosen !== undefined && (
            <Button loading={isRunning} onClick={() => void run()}>
              Deploy to {chosen.displayName}
            </Button>
          )}
        </Group>
      </Stack>
    </Dialog>
  );
}
