import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ImportDiff } from '#core/model/import';
import { api, path } from '../../api/client.ts';
import { ApiProblem } from '../../api/problem.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { Dialog } from '../../components/dialog.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { tell } from '../../components/notify.ts';
import { shellWord } from '../../components/shell-word.ts';
import { ShowCommand } from '../../components/show-command.tsx';
import { Failure } from '../../components/states.tsx';
import { type Origin, textOfFile } from './document.ts';
import { DocumentProblems } from './document-problems.tsx';
import { DiffView, type RemovedChoices } from './import-diff.tsx';
import { type Draft, NO_DRAFT, originOf, SourcePicker } from './source-picker.tsx';

interface ReimportDialogProps {
  /** Name of the project. */
  readonly project: string;
  readonly displayName: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Imports a newer document into a project: what it changes is shown first, and what is attached to resources that stay stays. */
export function ReimportDialog(props: ReimportDialogProps) {
  return (
    <Dialog
      title={`Import a newer file into ${props.displayName}`}
      size="xl"
      isOpen={props.isOpen}
      onClose={props.onClose}
    >
      <Reimport {...props} />
    </Dialog>
  );
}

/** A document with what it would change. */
interface Compared {
  readonly origin: Origin;
  readonly diff: ImportDiff;
}

function Reimport({ project, displayName, onClose }: ReimportDialogProps) {
  const [draft, setDraft] = useState<Draft>(NO_DRAFT);
  const [choices, setChoices] = useState<RemovedChoices>({});
  const right = useRight('imports:write');
  const compare = useMutation<Compared, unknown, File | Origin>({
    mutationFn: async (given) => {
      const origin = given instanceof File ? { source: await textOfFile(given), fileName: given.name } : given;
      try {
        const diff = await api.post<ImportDiff>(path`/projects/${project}/import/preview`, origin);
        return { origin: diff.source === undefined ? origin : { source: diff.source }, diff };
      } catch (error) {
        throw error instanceof ApiProblem && 'source' in origin ? new Unreadable(error, origin.source) : error;
      }
    },
    onSuccess: () => setChoices({}),
  });
  const apply = useMutation({
    mutationFn: (origin: Origin) =>
      api.post<ImportDiff>(path`/projects/${project}/import`, { ...origin, removed: choices }),
    onSuccess: async ({ sentence }) => {
      await refreshAll();
      tell(`${sentence}. It is in the draft of ${displayName}; deploy it when it is right.`);
      onClose();
    },
  });
  const change = (next: Draft) => {
    setDraft(next);
    compare.reset();
  };
  const origin = originOf(draft);
  const { data, error } = compare;
  const isUnchanged =
    data !== undefined && data.diff.added.length + data.diff.removed.length + data.diff.changed.length === 0;
  const isOpenChoice = data?.diff.removed.some(({ name, needsChoice }) => needsChoice && choices[name] === undefined);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (data !== undefined) apply.mutate(data.origin);
        else if (origin !== undefined) compare.mutate(origin);
      }}
    >
      <Stack>
        <SourcePicker
          draft={draft}
          onChange={change}
          onFile={(file) => {
            change({ ...draft, file });
            compare.mutate(file);
          }}
          what="the newer document"
          accept=".json,.yaml,.yml,.wsdl,.xml"
        />
        {compare.isPending && (
          <Text size="sm" role="status">
            Comparing…
          </Text>
        )}
        {error instanceof Unreadable && error.problems.length > 0 ? (
          <DocumentProblems
            key={error.text}
            text={error.text}
            problems={error.problems}
            outcome="Nothing was changed."
            isReading={compare.isPending}
            onRead={(source) => compare.mutate({ source })}
          />
        ) : (
          compare.isError && <Failure what="Could not compare the document." error={causeOf(error)} />
        )}
        {data !== undefined && <DiffView diff={data.diff} choices={choices} onChoose={setChoices} />}
        <ShowCommand
          command={`gatewright import ${shellWord(draft.file?.name ?? 'FILE')} --into ${project} --dry-run`}
        />
        {apply.isError && <Failure what="Could not import the document." error={apply.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {isUnchanged ? 'Close' : 'Cancel'}
          </Button>
          {data === undefined && draft.kind !== 'file' && (
            <Button type="submit" loading={compare.isPending} disabled={origin === undefined}>
              Compare
            </Button>
          )}
          {data !== undefined && !isUnchanged && (
            <GuardedButton right={right} type="submit" loading={apply.isPending} disabled={isOpenChoice === true}>
              Import into the draft
            </GuardedButton>
          )}
        </Group>
      </Stack>
    </form>
  );
}

/** A document was refused; with its text, to mend it in. */
class Unreadable extends Error {
  override readonly name = 'Unreadable';
  readonly text: string;
  readonly problem: ApiProblem;

  constructor(problem: ApiProblem, text: string) {
    super(problem.message);
    this.problem = problem;
    this.text = text;
  }

  get problems() {
    if (this.problem.code !== 'import_invalid') return [];
    return this.problem.errors.map(({ line = 0, column = 0, message }) => ({
      line,
      column,
      // The place is shown beside it.
      message: message.replace(/^line \d+, column \d+: /, ''),
    }));
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof Unreadable ? error.problem : error;
}
