import { Radio, Stack, Text, Title } from '@mantine/core';
import type { ImportDiff } from '#core/model/import';
import classes from './imports.module.css';
import { NotUsed } from './what-was-read.tsx';

/** What happens to each resource whose operation is gone, by name. */
export type RemovedChoices = Readonly<Record<string, 'keep' | 'remove'>>;

/** How many lines of each kind are listed. */
const LISTED = 100;

/** What a newer document changes in a project, and what is to happen to what it has no more. */
export function DiffView({
  diff,
  choices,
  onChoose,
}: {
  readonly diff: ImportDiff;
  readonly choices: RemovedChoices;
  readonly onChoose: (choices: RemovedChoices) => void;
}) {
  const { added, changed, removed } = diff;
  return (
    <Stack gap="sm">
      <div role="status">
        <Title order={3} size="h3">
          {diff.sentence}
        </Title>
      </div>
      {removed.length > 0 && (
        <Part title="Removed">
          {removed.map((resource) => (
            <Removed
              key={resource.name}
              resource={resource}
              choice={choices[resource.name]}
              onChoose={(choice) => onChoose({ ...choices, [resource.name]: choice })}
            />
          ))}
        </Part>
      )}
      {changed.length > 0 && (
        <Part title="Changed">
          <ul className={classes.lines}>
            {changed.slice(0, LISTED).map((resource) => (
              <li key={resource.name}>
                <What resource={resource} />
                {resource.sentences.map((sentence) => (
                  <div key={sentence}>~ {sentence}</div>
                ))}
              </li>
            ))}
            <More count={changed.length} />
          </ul>
        </Part>
      )}
      {added.length > 0 && (
        <Part title="Added">
          <ul className={classes.lines}>
            {added.slice(0, LISTED).map((resource) => (
              <li key={resource.name}>
                + <What resource={resource} />
              </li>
            ))}
            <More count={added.length} />
          </ul>
        </Part>
      )}
      <NotUsed unused={diff.unused} />
    </Stack>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <section className={classes.box} aria-label={title}>
      <Title order={4} size="0.8125rem" mb={6}>
        {title}
      </Title>
      {children}
    </section>
  );
}

function What({
  resource,
}: {
  readonly resource: Pick<ImportDiff['added'][number], 'displayName' | 'methods' | 'path'>;
}) {
  return (
    <>
      <b>{resource.displayName}</b>{' '}
      <span className="mono">
        {resource.methods.join(' ')} {resource.path}
      </span>
    </>
  );
}

function More({ count }: { readonly count: number }) {
  return count > LISTED ? <li>And {count - LISTED} more.</li> : undefined;
}

function Removed({
  resource,
  choice,
  onChoose,
}: {
  readonly resource: ImportDiff['removed'][number];
  readonly choice: 'keep' | 'remove' | undefined;
  readonly onChoose: (choice: 'keep' | 'remove') => void;
}) {
  const { policies, needsChoice, displayName } = resource;
  return (
    <div className={classes.removed}>
      <Text size="sm">
        − <What resource={resource} />
      </Text>
      {policies.length > 0 && (
        <Text size="sm" my={6}>
          It has {policies.length === 1 ? '1 policy' : `${policies.length} policies`}: {policies.join(', ')}.
          {needsChoice && choice === undefined && ' Choose what happens to it.'}
        </Text>
      )}
      <Radio.Group
        label={`What happens to ${displayName}`}
        // Without policies nothing of one's own is lost.
        value={choice ?? (needsChoice ? '' : 'remove')}
        onChange={(value) => onChoose(value === 'keep' ? 'keep' : 'remove')}
      >
        <Stack gap={6} mt={6}>
          <Radio value="keep" label="Keep as it is" />
          <Radio value="remove" label="Remove" />
        </Stack>
      </Radio.Group>
    </div>
  );
}
