import { Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { plural } from '../../components/format.ts';
import classes from './deploy.module.css';

/** Something that was checked before a deployment. */
export interface DeployCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly message: string;
}

/** What was checked: what failed at once, the rest for those who ask. */
export function Checks({ checks }: { readonly checks: readonly DeployCheck[] }) {
  const failed = checks.filter(({ ok }) => !ok);
  const [isWhole, setWhole] = useState(false);
  return (
    <Stack gap={6}>
      {failed.length > 0 && <CheckLines checks={failed} />}
      <Group gap={6}>
        {failed.length === 0 && <IconCheck size={16} color="var(--ok)" aria-hidden="true" />}
        <Text size="sm">
          {failed.length === 0
            ? `${plural(checks.length, 'check', 'checks')} passed`
            : `${plural(checks.length - failed.length, 'check', 'checks')} passed, ${failed.length} failed`}
        </Text>
        <Button variant="subtle" size="compact-xs" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Hide' : 'Show'}
        </Button>
      </Group>
      {isWhole && <CheckLines checks={checks.filter(({ ok }) => ok)} />}
    </Stack>
  );
}

function CheckLines({ checks }: { readonly checks: readonly DeployCheck[] }) {
  return (
    <ul className={classes.steps}>
      {checks.map(({ name, ok, message }) => (
        <li key={name}>
          {ok ? (
            <IconCheck size={16} color="var(--ok)" aria-label="Passed" />
          ) : (
            <IconAlertTriangle size={16} color="var(--bad)" aria-label="Failed" />
          )}
          <span>{message}</span>
        </li>
      ))}
    </ul>
  );
}
