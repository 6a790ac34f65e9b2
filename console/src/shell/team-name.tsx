import { useSession } from '../api/session.ts';
import { Status } from '../components/badges.tsx';
import classes from './shell.module.css';

/** The team that this place belongs to. */
export function TeamName() {
  const { teamName } = useSession();
  // Until somebody names the team it is called as the product, which stands beside it.
  if (teamName === '' || teamName === 'Gatewright') return undefined;
  return (
    <span className={classes.wideOnly}>
      <Status tone="gray">{teamName}</Status>
    </span>
  );
}
