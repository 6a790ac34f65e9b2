import { Button, Text, Title, VisuallyHidden } from '@mantine/core';
import { useState } from 'react';
import type { Change, Diff } from '#core/model/deployment';
import { plural } from '../../components/format.ts';
import classes from './deploy.module.css';

const SIGNS = {
  added: { sign: '+', word: 'Added:' },
  removed: { sign: '−', word: 'Removed:' },
  changed: { sign: '~', word: 'Changed:' },
} as const;

/** How many differences are shown until all are asked for. */
const FIRST = 8;

/** Differences in sentences, each with what kind it is: + added, − removed, ~ changed. */
function ChangeList({ changes }: { readonly changes: readonly Change[] }) {
  const [isWhole, setWhole] = useState(changes.length <= FIRST + 2);
  const shown = isWhole ? changes : changes.slice(0, FIRST);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={classes.scroll} aria-label="Changes" tabIndex={0}>
        <ul className={classes.changes}>
          {shown.map(({ kind, pointer, sentence }) => (
            <li key={`${kind} ${pointer}`}>
              <span className={`${classes.sign} ${classes[kind]}`} aria-hidden="true">
                {SIGNS[kind].sign}
              </span>
              <span>
                <VisuallyHidden component="span">{SIGNS[kind].word} </VisuallyHidden>
                {sentence}
              </span>
            </li>
          ))}
        </ul>
      </section>
      {!isWhole && (
        <Button variant="subtle" size="compact-sm" mt={4} onClick={() => setWhole(true)}>
          Show all {changes.length}
        </Button>
      )}
    </>
  );
}

/** What a deployment or a roll back changes, with its heading. `nothing`: what to say when it is nothing. */
export function DiffBox({ diff, nothing }: { readonly diff: Diff; readonly nothing: string }) {
  const { changes, from } = diff;
  const title = titleOf(diff);
  return (
    <section className={classes.box} aria-label={title}>
      <Title order={3} size="0.8125rem" mb={4}>
        {title}
      </Title>
      {changes.length === 0 ? (
        <Text size="xs">{nothing}</Text>
      ) : (
        <ChangeList key={`${from} ${diff.to}`} changes={changes} />
      )}
    </section>
  );
}

function titleOf({ changes, from, to }: Diff): string {
  if (changes.length === 0) return 'No changes';
  if (from === 'nothing') return 'The first version there';
  const count = plural(changes.length, 'change', 'changes');
  return to === 'draft' ? `${count} since ${from}` : `${count} from ${from} to ${to}`;
}
