import { useSession } from '../api/session.ts';
import { Status } from '../components/badges.tsx';
import classes from './shell.module.css';

/** The team that this place belongs to. */
export function TeamName() {
  const { teamName } = useSession();
  if (teamName === '') return undefined;
  return (
    <span className={classes.wideOnly}>
      <Status tone="gray">{teamName}</Status>
    </span>
  );
}
