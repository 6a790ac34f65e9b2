import { Text } from '@mantine/core';
import type { DeploymentRow } from '#core/model/overview/screens';
import { formatNumber, formatShare } from '../../components/format.ts';

/** How much failed before and after a deployment, and of how many requests. */
export function Effect({ effect }: { readonly effect: DeploymentRow['effect'] }) {
  if (effect === undefined || effect.before.requests + effect.after.requests === 0)
    return (
      <Text span size="sm" c="dimmed">
        no traffic
      </Text>
    );
  const { before, after } = effect;
  const isWorse = share(after) - share(before) >= 0.05;
  return (
    <span className="nowrap">
      {formatShare(before.failed, before.requests)} →{' '}
      <Text span size="sm" fw={600} {...(isWorse && { c: 'var(--bad)' })}>
        {formatShare(after.failed, after.requests)}
      </Text>
      <Text size="xs" c="dimmed">
        {formatNumber(before.requests)} → {formatNumber(after.requests)} requests
      </Text>
    </span>
  );
}

function share({ failed, requests }: { readonly failed: number; readonly requests: number }): number {
  return requests === 0 ? 0 : failed / requests;
}
