import { Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Status } from '../components/badges.tsx';
import { useHeader } from './header-state.ts';
import classes from './shell.module.css';

/** How many of the gateways are ready; leads to the server groups. */
export function GatewayHealth() {
  const { data, isError } = useHeader();
  if (data === undefined && !isError) return undefined;
  const { ready, total } = data?.gateways ?? { ready: 0, total: 0 };
  const isFine = !isError && total > 0 && ready === total;
  const words = isError ? 'Manager away' : `Gateways ${ready}/${total}`;
  return (
    <Tooltip
      label={
        isError ? 'The manager does not answer. Gateways go on serving.' : `${ready} of ${total} gateways are ready`
      }
    >
      <Link to="/server-groups" className={classes.wideOnly} style={{ textDecoration: 'none' }}>
        <Status tone={isFine ? 'green' : isError || ready === 0 ? 'red' : 'orange'}>● {words}</Status>
      </Link>
    </Tooltip>
  );
}
