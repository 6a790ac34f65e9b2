import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import type { ImportProblem } from '#core/model/import';
import { CodeEditor } from '../../components/code-editor.tsx';
import { plural } from '../../components/format.ts';
import { languageOf } from './document.ts';
import classes from './imports.module.css';

/** A problem, as far as it is shown: the API's refusals have them too. */
export type ShownProblem = Pick<ImportProblem, 'line' | 'column' | 'message'>;

interface DocumentProblemsProps {
  readonly text: string;
  readonly problems: readonly ShownProblem[];
  /** What became of it: `Nothing was created.` */
  readonly outcome: string;
  readonly isReading: boolean;
  /** Reads the document as it was mended. */
  readonly onRead: (text: string) => void;
}

/** How many problems are listed; a document that is wrong throughout has thousands. */
const LISTED = 50;

/** What is wrong with a document, in an editor at that line, where it can be mended. */
export function DocumentProblems({ text, problems, outcome, isReading, onRead }: DocumentProblemsProps) {
  const [mended, setMended] = useState(text);
  const placed = problems.filter(({ line }) => line > 0);
  const listed = problems.slice(0, LISTED);
  return (
    <Stack gap="sm">
      <div role="alert" className={classes.box} style={{ borderLeft: '4px solid var(--bad)' }}>
        <div className={classes.head}>
          <IconAlertTriangle size={18} color="var(--bad)" aria-hidden="true" />
          <Title order={2} size="h3">
            {plural(problems.length, 'problem', 'problems')}. {outcome}
          </Title>
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <ul className={`${classes.lines} ${classes.scroll}`} tabIndex={0} aria-label="Problems">
          {listed.map(({ line, column, message }) => (
            <li key={`${line} ${column} ${message}`}>
              {line > 0 && (
                <span className="mono">
                  line {line}, column {column}:{' '}
                </span>
              )}
              {message}
            </li>
          ))}
        </ul>
        {problems.length > LISTED && (
          <Text size="xs" c="dimmed">
            And {plural(problems.length - LISTED, 'further one', 'further ones')}.
          </Text>
        )}
      </div>
      <Text size="sm">Mend it here, or in the file and choose it again. Your file is not changed.</Text>
      <CodeEditor
        label="The document"
        language={languageOf(text)}
        value={mended}
        problems={placed}
        minHeight={300}
        onChange={setMended}
      />
      <Group>
        <Button loading={isReading} onClick={() => onRead(mended)}>
          Read again
        </Button>
      </Group>
    </Stack>
  );
}
