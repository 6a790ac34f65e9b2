import { useState } from 'react';
import type { ProjectRow } from '#core/model/overview/screens';
import { useRight } from '../../api/session.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { BulkDelete } from './bulk-delete.tsx';
import { BulkDeploy } from './bulk-deploy.tsx';

/** What can be done with the projects that are ticked. */
export function BulkActs({
  selected,
  onDone,
}: {
  readonly selected: readonly ProjectRow[];
  readonly onDone: () => void;
}) {
  const deploy = useRight('deployments:write');
  const write = useRight('projects:write');
  // What was ticked when it began: the list changes while it runs.
  const [run, setRun] = useState<{ readonly act: 'deploy' | 'delete'; readonly projects: readonly ProjectRow[] }>();
  const close = () => setRun(undefined);
  return (
    <>
      <GuardedButton
        right={deploy}
        variant="default"
        size="compact-sm"
        onClick={() => setRun({ act: 'deploy', projects: selected })}
      >
        Deploy…
      </GuardedButton>
      <GuardedButton
        right={write}
        variant="default"
        size="compact-sm"
        onClick={() => setRun({ act: 'delete', projects: selected })}
      >
        Delete…
      </GuardedButton>
      {run?.act === 'deploy' && <BulkDeploy projects={run.projects} onClose={close} onDone={onDone} />}
      {run?.act === 'delete' && <BulkDelete projects={run.projects} onClose={close} onDone={onDone} />}
    </>
  );
}
