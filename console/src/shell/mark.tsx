import { Link } from '@tanstack/react-router';
import classes from './shell.module.css';

/** The product's mark. */
export function MarkIcon({ size = 22 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <rect width="24" height="24" rx="5" fill="var(--mantine-primary-color-filled)" />
      <path
        d="M6 5v14M18 5v14M6 12h8m-3-3.5 3.5 3.5L11 15.5"
        stroke="#fff"
        strokeWidth="2.2"
        fill="none"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

/** Mark and name; leads to the dashboard. */
export function Mark() {
  return (
    <Link to="/" className={classes.mark} aria-label="Gatewright, dashboard">
      <MarkIcon />
      <span className={classes.wideOnly}>Gatewright</span>
    </Link>
  );
}
