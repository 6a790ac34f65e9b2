import { Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import type { TrafficNotice } from '#core/model/overview/traffic';
import { useRight } from '../../api/session.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { LinkButton } from '../../components/link.tsx';
import { RollbackDialog } from '../deploy/rollback-dialog.tsx';
import classes from './monitor.module.css';

/** What changed since a deployment, with the way back. */
export function TrafficNotices({ notices }: { readonly notices: readonly TrafficNotice[] }) {
  return notices.map((notice) => <Notice key={notice.deploymentId} notice={notice} />);
}

function Notice({ notice }: { readonly notice: TrafficNotice }) {
  const [isOpen, setOpen] = useState(false);
  const { project, serverGroup, since, previousVersion } = notice;
  const right = useRight('deployments:write', serverGroup);
  return (
    <div className={`surface ${classes.notice}`} role="status">
      <Group gap="sm" wrap="nowrap" style={{ flex: '1 1 320px' }}>
        <IconAlertTriangle size={18} color="var(--bad)" aria-hidden="true" style={{ flexShrink: 0 }} />
        <Text size="sm" fw={600}>
          {notice.sentence}
        </Text>
      </Group>
      <Group gap="xs">
        <LinkButton
          size="compact-sm"
          variant="default"
          to="/requests"
          search={{ project, serverGroup, status: '5xx', since: String(since) } as never}
        >
          Show these requests
        </LinkButton>
        {previousVersion !== undefined &&
          (right.allowed ? (
            <Button size="compact-sm" onClick={() => setOpen(true)}>
              Roll back…
            </Button>
          ) : (
            <GuardedButton size="compact-sm" right={right}>
              Roll back…
            </GuardedButton>
          ))}
      </Group>
      <RollbackDialog
        project={project}
        serverGroup={serverGroup}
        {...(previousVersion !== undefined && { toVersion: previousVersion })}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
      />
    </div>
  );
}
