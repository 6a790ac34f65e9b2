import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { isSame } from '../schema-form/settings-path.ts';
import { readable } from '../schema-form/words.ts';
import { Dialog } from './dialog.tsx';
import { Moment } from './moment.tsx';
import { Failure } from './states.tsx';

/** What somebody else saved while this was being edited. */
export interface Conflict {
  readonly by: string;
  readonly at: number;
  readonly theirs: Readonly<Record<string, unknown>>;
  readonly mine: Readonly<Record<string, unknown>>;
  /** Titles of the fields, where they are not their names as words. */
  readonly titles?: Readonly<Record<string, string>>;
}

/** Somebody saved first: their change, ours over it, or neither. */
export function ConflictDialog({
  conflict,
  onSaveMine,
  onClose,
}: {
  readonly conflict: Conflict | undefined;
  readonly onSaveMine: () => Promise<void>;
  readonly onClose: () => void;
}) {
  return (
    <Dialog title="Somebody saved this first" isOpen={conflict !== undefined} onClose={onClose} size="lg">
      {conflict !== undefined && <Choice conflict={conflict} onSaveMine={onSaveMine} onClose={onClose} />}
    </Dialog>
  );
}

function Choice({
  conflict,
  onSaveMine,
  onClose,
}: {
  readonly conflict: Conflict;
  readonly onSaveMine: () => Promise<void>;
  readonly onClose: () => void;
}) {
  const [isShown, setShown] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const [isSending, setSending] = useState(false);
  const { by, at, theirs, mine, titles = {} } = conflict;
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(mine)])].filter(
    (name) => !isSame(theirs[name], mine[name]),
  );
  const save = async () => {
    setSending(true);
    try {
      await onSaveMine();
      onClose();
    } catch (error) {
      setProblem(error);
    } finally {
      setSending(false);
    }
  };
  return (
    <Stack>
      <Text size="sm">
        {by} saved this <Moment at={at} />, after you had opened it.
      </Text>
      {isShown && names.length === 0 && <Text size="sm">They saved the same as you would.</Text>}
      {isShown && names.length > 0 && (
        <Table aria-label="Where theirs and yours differ">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Field</Table.Th>
              <Table.Th>Theirs</Table.Th>
              <Table.Th>Yours</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {names.map((name) => (
              <Table.Tr key={name}>
                <Table.Td>{titles[name] ?? readable(name)}</Table.Td>
                <Table.Td className="mono">{inWords(theirs[name])}</Table.Td>
                <Table.Td className="mono">{inWords(mine[name])}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {problem !== undefined && <Failure what="Could not save." error={problem} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" data-autofocus onClick={onClose}>
          Cancel
        </Button>
        {!isShown && (
          <Button variant="default" onClick={() => setShown(true)}>
            See their change
          </Button>
        )}
        <Button color="red" loading={isSending} onClick={() => void save()}>
          Save mine over it
        </Button>
      </Group>
    </Stack>
  );
}

function inWords(value: unknown): string {
  if (value === undefined) return 'by default';
  return typeof value === 'string' ? value || '(empty)' : JSON.stringify(value);
}
