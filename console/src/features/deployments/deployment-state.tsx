import { Group, Text } from '@mantine/core';
import type { Deployment } from '#core/model/deployment';
import { StateBadge, Status } from '../../components/badges.tsx';

/** A deployment's state, and how many gateways did not take it. */
export function DeploymentState({ deployment }: { readonly deployment: Deployment }) {
  const { state, kind, gateways, previousVersion } = deployment;
  const refused = gateways.filter((gateway) => gateway.state === 'refused').length;
  const waiting = gateways.filter((gateway) => gateway.state === 'waiting').length;
  return (
    <Group gap={6} wrap="nowrap">
      <StateBadge state={state} />
      {kind === 'undeploy' && (
        <Text span size="xs" c="dimmed" className="nowrap">
          taken off
        </Text>
      )}
      {kind === 'rollback' && (
        <Text span size="xs" c="dimmed" className="nowrap">
          rolled back{previousVersion === undefined ? '' : ` from v${previousVersion}`}
        </Text>
      )}
      {refused > 0 && (
        <Status tone="red">
          {refused} of {gateways.length} gateways refused it
        </Status>
      )}
      {waiting > 0 && (
        <Status tone="orange">
          {waiting} of {gateways.length} gateways on the way
        </Status>
      )}
    </Group>
  );
}
