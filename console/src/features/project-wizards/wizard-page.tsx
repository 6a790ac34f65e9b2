import { type ReactNode, useEffect, useRef } from 'react';
import { Link } from '../../components/link.tsx';
import { Page } from '../../components/page.tsx';
import classes from './wizard.module.css';

interface WizardPageProps {
  readonly title: string;
  readonly description: string;
  /** Names of its steps; left out: it has one. */
  readonly steps?: readonly string[];
  /** The step that is open, from 0. */
  readonly step?: number;
  /** Goes back to a step; left out: nothing before this can be changed. */
  readonly onStep?: ((step: number) => void) | undefined;
  readonly isWide?: boolean;
  readonly children: ReactNode;
}

/** The page of a wizard: where one is in it, and one step of it. */
export function WizardPage({ title, description, steps, step = 0, onStep, isWide = false, children }: WizardPageProps) {
  const place = useRef<HTMLDivElement>(null);
  const before = useRef(step);
  // Another step: reading goes on at its first field.
  useEffect(() => {
    if (before.current === step) return;
    before.current = step;
    place.current?.querySelector<HTMLElement>('input:not([type=file]), textarea, select')?.focus();
  }, [step]);
  return (
    <Page
      title={title}
      description={description}
      crumbs={[
        <Link key="projects" to="/projects">
          API projects
        </Link>,
      ]}
    >
      <div className={isWide ? classes.wide : classes.narrow}>
        {steps !== undefined && (
          <ol className={classes.steps} aria-label="Steps">
            {steps.map((name, index) => (
              <li key={name}>
                <Step
                  name={name}
                  index={index}
                  isCurrent={index === step}
                  onClick={index < step && onStep !== undefined ? () => onStep(index) : undefined}
                />
              </li>
            ))}
          </ol>
        )}
        <div className="surface" style={{ padding: 16 }} ref={place}>
          {children}
        </div>
      </div>
    </Page>
  );
}

function Step({
  name,
  index,
  isCurrent,
  onClick,
}: {
  readonly name: string;
  readonly index: number;
  readonly isCurrent: boolean;
  readonly onClick: (() => void) | undefined;
}) {
  const content = (
    <>
      <span className={classes.number}>{index + 1}</span>
      {name}
    </>
  );
  return onClick === undefined ? (
    <span className={classes.step} {...(isCurrent && { 'aria-current': 'step' as const })}>
      {content}
    </span>
  ) : (
    <button type="button" className={classes.step} onClick={onClick}>
      {content}
    </button>
  );
}
