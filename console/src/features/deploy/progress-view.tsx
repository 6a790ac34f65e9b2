import { Button, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { Deployment } from '#core/model/deployment';
import { api } from '../../api/client.ts';
import { useRight } from '../../api/session.ts';
import { Failure } from '../../components/states.tsx';
import classes from './deploy.module.css';
import { GatewaySteps } from './gateway-steps.tsx';
import { LiveUrl } from './live-url.tsx';
import { useProgress } from './use-progress.ts';

interface ProgressViewProps {
  readonly start: Deployment;
  /** Called with the deployment that an act here made, which is shown instead. */
  readonly onNext: (deployment: Deployment) => void;
  /** Opens the roll back dialog; left out: nothing to roll back to, or it cannot be from here. */
  readonly onRollback?: ((deployment: Deployment) => void) | undefined;
  readonly onClose: () => void;
}

/** A deployment as it goes on, and what can be done when it is over. It goes on without being looked at. */
export function ProgressView({ start, onNext, onRollback, onClose }: ProgressViewProps) {
  const { deployment, isSettled, isInterrupted } = useProgress(start);
  const right = useRight('deployments:write', deployment.serverGroup);
  const again = useMutation({
    mutationFn: (version: number) =>
      api.post<Deployment>('/deployments', {
        project: deployment.project,
        serverGroup: deployment.serverGroup,
        version,
      }),
    onSuccess: onNext,
  });
  const { kind, version, previousVersion, gateways } = deployment;
  const isRefused = gateways.some(({ state }) => state === 'refused');
  const canRollBack = kind === 'deploy' && previousVersion !== undefined && previousVersion !== version;
  return (
    <Stack aria-live="polite">
      <Verdict deployment={deployment} isSettled={isSettled} />
      {gateways.length > 0 && <GatewaySteps deployment={deployment} />}
      {isInterrupted && (
        <Text size="sm" c="dimmed">
          Updates stopped. Reconnecting. The deployment goes on.
        </Text>
      )}
      {isRefused && isSettled && <Text size="sm">{leftovers(deployment)}</Text>}
      {isSettled && !isRefused && kind !== 'undeploy' && <LiveUrl deployment={deployment} />}
      {again.isError && <Failure what="Could not deploy." error={again.error} />}
      <Group justify="flex-end" gap="xs">
        {isSettled && isRefused && kind !== 'undeploy' && right.allowed && (
          <Button variant="default" loading={again.isPending} onClick={() => again.mutate(version)}>
            Retry
          </Button>
        )}
        {isSettled && canRollBack && onRollback !== undefined && right.allowed && (
          <Button variant="default" onClick={() => onRollback(deployment)}>
            Roll back…
          </Button>
        )}
        {isSettled && kind !== 'deploy' && previousVersion !== undefined && right.allowed && (
          <Button variant="default" loading={again.isPending} onClick={() => again.mutate(previousVersion)}>
            Deploy v{previousVersion} again
          </Button>
        )}
        <Button variant={isSettled ? 'filled' : 'default'} onClick={onClose}>
          {isSettled ? 'Done' : 'Close, it goes on'}
        </Button>
      </Group>
    </Stack>
  );
}

function Verdict({ deployment, isSettled }: { readonly deployment: Deployment; readonly isSettled: boolean }) {
  const running = deployment.gateways.filter(({ state }) => state === 'running').length;
  const isWhole = isSettled && running === deployment.gateways.length;
  return (
    <div>
      <div className={classes.verdict}>
        {!isSettled ? (
          <Loader size={20} aria-hidden="true" />
        ) : isWhole ? (
          <IconCheck size={22} color="var(--ok)" aria-hidden="true" />
        ) : (
          <IconAlertTriangle size={22} color="var(--warn)" aria-hidden="true" />
        )}
        <Title order={3} size="h3">
          {verdictOf(deployment, isSettled, running)}
        </Title>
      </div>
      <Text size="sm" c="dimmed" mt={4}>
        {whatOf(deployment)}
      </Text>
    </div>
  );
}

function verdictOf({ kind, gateways }: Deployment, isSettled: boolean, running: number): string {
  const isUndeploy = kind === 'undeploy';
  if (!isSettled) return `Sent, ${running} of ${gateways.length} gateways ready`;
  if (gateways.length === 0)
    return isUndeploy ? 'Undeployed. No gateway is up' : 'Placed. It runs when a gateway starts';
  if (running === gateways.length) return isUndeploy ? 'Undeployed' : 'Live';
  const lost = gateways.filter(({ state }) => state === 'lost').length;
  if (running === 0 && lost < gateways.length) return isUndeploy ? 'Not undeployed' : 'Not live';
  const words = isUndeploy ? 'Partly undeployed' : 'Partly live';
  return `${words}: ${running} of ${gateways.length} gateways`;
}

function whatOf({
  projectDisplayName,
  version,
  serverGroupDisplayName: serverGroup,
  kind,
  previousVersion,
}: Deployment): string {
  if (kind === 'undeploy') return `${projectDisplayName} v${version} is taken off ${serverGroup}.`;
  const before =
    previousVersion === undefined || previousVersion === version ? '' : `, in place of v${previousVersion}`;
  return kind === 'rollback'
    ? `${projectDisplayName} is rolled back to v${version} on ${serverGroup}${before}. The draft stays as it is.`
    : `${projectDisplayName} v${version} on ${serverGroup}${before}.`;
}

/** What stands as it was when some gateways refused. */
function leftovers({ gateways, version, kind }: Deployment): string {
  const running = gateways.filter(({ state }) => state === 'running').map(({ gateway }) => gateway);
  const refused = gateways.filter(({ state }) => state === 'refused').map(({ gateway }) => gateway);
  const kept = `${refused.join(', ')} ${refused.length === 1 ? 'keeps' : 'keep'} serving what ran before.`;
  if (kind === 'undeploy' || running.length === 0) return `${kept} Nothing else changed.`;
  return `${running.join(', ')} ${running.length === 1 ? 'is' : 'are'} on v${version}. ${kept} Nothing else changed.`;
}
