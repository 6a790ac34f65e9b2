import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { useEditor } from './editor-context.ts';
import { findOrderWarnings } from './order-rules.ts';
import classes from './resource-editor.module.css';

/** What the order of the policies gives to think about, each with a click that mends it. */
export function OrderWarnings() {
  const { overview, resource, endpoints, isReadOnly, change } = useEditor();
  const { policies, project } = overview;
  const warnings = useMemo(
    () => findOrderWarnings({ endpoints, policies, ...(resource !== undefined && { around: project.endpoints }) }),
    [endpoints, policies, resource, project.endpoints],
  );
  return (
    <div role="status">
      {warnings.length > 0 && (
        <ul className={classes.warnings} aria-label="Warnings about the order">
          {warnings.map(({ rule, sentence, fix }) => (
            <li key={`${rule} ${sentence}`}>
              <p>{sentence}</p>
              {fix !== undefined && !isReadOnly && (
                <Button size="compact-sm" variant="default" onClick={() => change(() => fix.endpoints)}>
                  {fix.title}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
