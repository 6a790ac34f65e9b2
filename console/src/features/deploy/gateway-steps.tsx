import { Loader } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconClockPause } from '@tabler/icons-react';
import type { Deployment, GatewayProgress } from '#core/model/deployment';
import { formatNumber } from '../../components/format.ts';
import classes from './deploy.module.css';

/** Each gateway of a deployment, and how far it is, in a sentence. */
export function GatewaySteps({ deployment }: { readonly deployment: Deployment }) {
  return (
    <ul className={classes.steps} aria-label="Gateways">
      {deployment.gateways.map((gateway) => (
        <li key={gateway.gatewayId}>
          <StepIcon state={gateway.state} />
          <span>{sentenceOf(deployment, gateway)}</span>
        </li>
      ))}
    </ul>
  );
}

function StepIcon({ state }: { readonly state: GatewayProgress['state'] }) {
  switch (state) {
    case 'waiting':
      return <Loader size={16} aria-hidden="true" />;
    case 'running':
      return <IconCheck size={18} color="var(--ok)" aria-hidden="true" />;
    case 'lost':
      return <IconClockPause size={18} color="var(--warn)" aria-hidden="true" />;
    case 'refused':
      return <IconAlertTriangle size={18} color="var(--bad)" aria-hidden="true" />;
  }
}

/** `gw-1 on v4 after 0.4 s`; for what failed, why, and what it does meanwhile. */
function sentenceOf({ kind, version }: Deployment, { gateway, state, afterMs, problem }: GatewayProgress): string {
  const isUndeploy = kind === 'undeploy';
  const why = problem === undefined ? '' : `: ${lowerFirst(problem)}`;
  switch (state) {
    case 'waiting':
      return isUndeploy ? `${gateway} takes it off` : `${gateway} takes v${version}`;
    case 'running': {
      const after = afterMs === undefined ? '' : ` after ${formatNumber(Math.max(afterMs / 1000, 0.1))} s`;
      return isUndeploy ? `${gateway} took it off${after}` : `${gateway} on v${version}${after}`;
    }
    case 'lost':
      return `${gateway} is lost${why} It catches up when it returns.`;
    case 'refused':
      return isUndeploy ? `${gateway} did not take it off${why}` : `${gateway} did not take v${version}${why}`;
  }
}

function lowerFirst(text: string): string {
  // Words like TLS or DNS keep their capitals.
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
