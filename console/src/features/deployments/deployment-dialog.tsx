import { Button, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import type { Deployment, Diff } from '#core/model/deployment';
import { path } from '../../api/client.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Link } from '../../components/link.tsx';
import { Lines, Loaded, useApi } from '../../components/loaded.tsx';
import { Moment } from '../../components/moment.tsx';
import { DiffBox } from '../deploy/change-list.tsx';
import { GatewaySteps } from '../deploy/gateway-steps.tsx';
import { ProgressView } from '../deploy/progress-view.tsx';
import { isSettled } from '../deploy/use-progress.ts';
import { DeploymentState } from './deployment-state.tsx';
import classes from './deployments.module.css';

/** A deployment (by id): what it changed, and how far each gateway is with it. Closed without an id. */
export function DeploymentDialog({ id, onClose }: { readonly id: string | undefined; readonly onClose: () => void }) {
  return (
    <Dialog title="Deployment" isOpen={id !== undefined} onClose={onClose} size="lg">
      {id !== undefined && <Shown key={id} id={id} onClose={onClose} />}
    </Dialog>
  );
}

function Shown({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const result = useApi<Deployment>(path`/deployments/${id}`);
  const [next, setNext] = useState<Deployment>();
  return (
    <Loaded result={result} what="the deployment" skeleton={<Lines count={6} />}>
      {(found) => {
        const deployment = next ?? found;
        // A roll back that is in force is undone from here.
        const needsWork =
          deployment.gateways.some(({ state }) => state === 'refused') ||
          !isSettled(deployment) ||
          (deployment.kind === 'rollback' && deployment.state === 'live') ||
          next !== undefined;
        return (
          <Stack>
            <Facts deployment={deployment} />
            <Changes deployment={deployment} />
            {needsWork ? (
              <ProgressView start={deployment} onNext={setNext} onClose={onClose} />
            ) : (
              <>
                {deployment.gateways.length > 0 && <GatewaySteps deployment={deployment} />}
                <Group justify="flex-end">
                  <Button data-autofocus onClick={onClose}>
                    Close
                  </Button>
                </Group>
              </>
            )}
          </Stack>
        );
      }}
    </Loaded>
  );
}

function Facts({ deployment }: { readonly deployment: Deployment }) {
  const { project, projectDisplayName, version, serverGroupDisplayName, createdBy, createdAt, note, id } = deployment;
  return (
    <dl className={classes.facts}>
      <dt>Project</dt>
      <dd>
        <Link to={`/projects/${project}`} underline="always">
          {projectDisplayName}
        </Link>{' '}
        v{version} on {serverGroupDisplayName}
      </dd>
      <dt>State</dt>
      <dd>
        <DeploymentState deployment={deployment} />
      </dd>
      <dt>By</dt>
      <dd>
        {createdBy}, <Moment at={createdAt} exact />
      </dd>
      {note !== '' && (
        <>
          <dt>Note</dt>
          <dd>{note}</dd>
        </>
      )}
      <dt>Id</dt>
      <dd className="mono">{id}</dd>
    </dl>
  );
}

/** What it changed, against what ran before. */
function Changes({ deployment }: { readonly deployment: Deployment }) {
  const { project, version, previousVersion, kind } = deployment;
  const from = previousVersion === undefined ? 'nothing' : `v${previousVersion}`;
  const result = useApi<Diff>(path`/projects/${project}/diff`, {
    query: { from, to: `v${version}` },
    enabled: kind !== 'undeploy',
  });
  if (kind === 'undeploy') return undefined;
  return (
    <Loaded result={result} what="the changes" skeleton={<Lines count={3} />}>
      {(diff) => <DiffBox diff={diff} nothing={`v${version} has the content that ran before.`} />}
    </Loaded>
  );
}
