import { Group, Text } from '@mantine/core';
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
  // Kept here: a roll back ends its notice, and its dialog must still show how it goes, and its undo.
  const [goesBack, setGoesBack] = useState<TrafficNotice>();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      {notices.map((notice) => (
        <Notice
          key={notice.deploymentId}
          notice={notice}
          onRollback={() => {
            setGoesBack(notice);
            setOpen(true);
          }}
        />
      ))}
      {goesBack?.previousVersion !== undefined && (
        <RollbackDialog
          key={goesBack.deploymentId}
          project={goesBack.project}
          displayName={goesBack.projectDisplayName}
          serverGroup={goesBack.serverGroup}
          serverGroupDisplayName={goesBack.serverGroupDisplayName}
          toVersion={goesBack.previousVersion}
          isOpen={isOpen}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

function Notice({ notice, onRollback }: { readonly notice: TrafficNotice; readonly onRollback: () => void }) {
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
        {previousVersion !== undefined && (
          <GuardedButton size="compact-sm" right={right} onClick={onRollback}>
            Roll back…
          </GuardedButton>
        )}
      </Group>
    </div>
  );
}
