import { useState } from 'react';
import type { Deployment } from '#core/model/deployment';
import { Dialog } from '../../components/dialog.tsx';
import { DeployForm } from './deploy-form.tsx';
import { ProgressView } from './progress-view.tsx';
import { RollbackDialog } from './rollback-dialog.tsx';

interface DeployDialogProps {
  /** Name of the project. */
  readonly project: string;
  readonly displayName: string;
  /** An existing version; left out: the draft. */
  readonly version?: number | undefined;
  /** The server group that is chosen first. */
  readonly serverGroup?: string | undefined;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Deploys a project: where, what changes, and how far each gateway is (console.md §4.12). */
export function DeployDialog({ isOpen, onClose, ...what }: DeployDialogProps) {
  const [placed, setPlaced] = useState<Deployment>();
  const [rollingBack, setRollingBack] = useState<Deployment>();
  const close = () => {
    setPlaced(undefined);
    onClose();
  };
  const version = placed?.version ?? what.version;
  return (
    <>
      <Dialog
        title={`Deploy ${what.displayName}${version === undefined ? '' : ` v${version}`}`}
        isOpen={isOpen}
        onClose={close}
      >
        {placed === undefined ? (
          <DeployForm {...what} onPlaced={setPlaced} onCancel={close} />
        ) : (
          <ProgressView
            start={placed}
            onNext={setPlaced}
            onRollback={(deployment) => {
              setRollingBack(deployment);
              close();
            }}
            onClose={close}
          />
        )}
      </Dialog>
      {rollingBack !== undefined && (
        <RollbackDialog
          project={rollingBack.project}
          displayName={rollingBack.projectDisplayName}
          serverGroup={rollingBack.serverGroup}
          serverGroupDisplayName={rollingBack.serverGroupDisplayName}
          toVersion={rollingBack.previousVersion}
          isOpen
          onClose={() => setRollingBack(undefined)}
        />
      )}
    </>
  );
}
