import { Alert, Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ApiProblem, codeOf, sentenceOf } from '../api/problem.ts';

/** Nothing here yet: what this is, and what to do first. */
export function Empty({
  title,
  children,
  actions,
}: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}) {
  return (
    <Stack align="center" gap="xs" py={40} px="md" ta="center">
      <Title order={2} size="h3">
        {title}
      </Title>
      {children !== undefined && (
        <Text c="dimmed" size="sm" maw={520}>
          {children}
        </Text>
      )}
      {actions !== undefined && (
        <Group gap="xs" mt="xs" justify="center">
          {actions}
        </Group>
      )}
    </Stack>
  );
}

/** What could not be loaded or done, why, and what helps. `what`: e.g. `Could not load API projects.` */
export function Failure({
  what,
  error,
  onRetry,
}: {
  readonly what: string;
  readonly error: unknown;
  readonly onRetry?: () => void;
}) {
  const fixes = error instanceof ApiProblem ? error.fixes : [];
  return (
    <Alert role="alert" icon={<IconAlertTriangle />} title={what} style={{ borderLeftColor: 'var(--bad)' }}>
      <Stack gap="xs">
        <Text size="sm">{sentenceOf(error)}</Text>
        {fixes.map((fix) => (
          <Text size="sm" key={fix.text}>
            {fix.text} {fix.command !== undefined && <code className="mono">{fix.command}</code>}
          </Text>
        ))}
        <Group gap="sm">
          {onRetry !== undefined && (
            <Button size="compact-sm" variant="default" leftSection={<IconRefresh size={14} />} onClick={onRetry}>
              Try again
            </Button>
          )}
          <Text size="xs" c="dimmed" className="mono">
            {codeOf(error)}
            {error instanceof ApiProblem && error.requestId !== undefined && ` · ${error.requestId}`}
          </Text>
        </Group>
      </Stack>
    </Alert>
  );
}
