import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import classes from './projects.module.css';
import type { Outcome } from './use-bulk.ts';

/** How it went with each of several projects. */
export function Outcomes({ outcomes }: { readonly outcomes: readonly Outcome[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <ul className={classes.outcomes} aria-label="Outcomes" aria-live="polite" tabIndex={0}>
      {outcomes.map(({ project, isDone, sentence }) => (
        <li key={project.id}>
          {isDone ? (
            <IconCheck size={18} color="var(--ok)" aria-label="Done" />
          ) : (
            <IconAlertTriangle size={18} color="var(--bad)" aria-label="Not done" />
          )}
          <span>
            {!sentence.includes(project.displayName) && <b>{project.displayName}</b>} {sentence}
          </span>
        </li>
      ))}
    </ul>
  );
}
