import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useId } from 'react';
import classes from './fold.module.css';

interface FoldProps {
  readonly title: string;
  /** What is inside, in a few words. */
  readonly hint?: string;
  readonly isOpen: boolean;
  readonly onToggle: (isOpen: boolean) => void;
  readonly children: ReactNode;
}

/** A part of a form that is folded away until it is asked for. */
export function Fold({ title, hint, isOpen, onToggle, children }: FoldProps) {
  const inside = useId();
  return (
    <div>
      <button
        type="button"
        className={classes.fold}
        aria-expanded={isOpen}
        aria-controls={inside}
        onClick={() => onToggle(!isOpen)}
      >
        {isOpen ? <IconChevronDown size={16} aria-hidden /> : <IconChevronRight size={16} aria-hidden />}
        <b>{title}</b>
        {hint !== undefined && <span>{hint}</span>}
      </button>
      <div id={inside} className={classes.inside} hidden={!isOpen}>
        {children}
      </div>
    </div>
  );
}
