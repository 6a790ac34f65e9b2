import classes from './code-line.module.css';
import { CopyIcon } from './copy-button.tsx';

/** A command or an address to take along, with its copy button. `label`: what it is, e.g. `Copy the command`. */
export function CodeLine({
  value,
  label,
  onCopied,
}: {
  readonly value: string;
  readonly label: string;
  readonly onCopied?: () => void;
}) {
  return (
    <div className={classes.line}>
      <pre className="mono">{value}</pre>
      <CopyIcon value={value} label={label} {...(onCopied && { onCopied })} />
    </div>
  );
}
