import { Button, Combobox, Group, Stack, Text, TextInput, useCombobox } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { Phase } from '#core/model/phase';
import { Dialog } from '../../components/dialog.tsx';
import { byCategory } from '../project/policy-types.ts';
import { useEditor } from './editor-context.ts';
import classes from './resource-editor.module.css';

interface PickPolicyProps {
  readonly title: string;
  readonly phase: Phase;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** A policy that can be chosen. */
interface Option {
  /** `policy NAME` or `type NAME`. */
  readonly value: string;
  readonly title: string;
  readonly detail: string;
}

/** All that can run at an endpoint, to search in. */
export function PickPolicy({ title, phase, isOpen, onClose }: PickPolicyProps) {
  return (
    <Dialog title={title} isOpen={isOpen} onClose={onClose} size="lg">
      <Picker phase={phase} onClose={onClose} />
    </Dialog>
  );
}

function Picker({ phase, onClose }: Pick<PickPolicyProps, 'phase' | 'onClose'>) {
  const editor = useEditor();
  const [text, setText] = useState('');
  const [chosen, choose] = useState<string>();
  // Enter takes what is marked at once; a click marks, as OK or a second click takes.
  const isEnter = useRef(false);
  const combobox = useCombobox({ opened: true });
  const groups = useGroups(phase, text.trim().toLowerCase());
  const options = groups.flatMap(([, members]) => members);
  const current = options.find(({ value }) => value === chosen) ?? (text === '' ? undefined : options[0]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: other options, so the first of them is chosen
  useEffect(() => {
    if (text !== '') combobox.selectFirstOption();
  }, [text]);

  const add = (value: string | undefined) => {
    const [kind, name] = value?.split(' ') ?? [];
    if (name === undefined) return;
    onClose();
    if (kind === 'policy') return editor.attachPolicy(name, phase);
    const type = editor.typeOf(name);
    if (type !== undefined) void editor.attachNew(type, phase);
  };
  return (
    <Stack gap="sm">
      <Combobox store={combobox} onOptionSubmit={(value) => (isEnter.current ? add(value) : choose(value))}>
        <Combobox.EventsTarget>
          <TextInput
            data-autofocus
            aria-label="Search policies"
            placeholder="Name, type or what it does"
            leftSection={<IconSearch size={15} />}
            value={text}
            onKeyDownCapture={(event) => {
              isEnter.current = event.key === 'Enter';
              // The list is always open here and would keep the key for itself.
              if (event.key === 'Escape') onClose();
            }}
            onChange={(event) => {
              setText(event.currentTarget.value);
              choose(undefined);
            }}
          />
        </Combobox.EventsTarget>
        <Combobox.Options className={classes.options ?? ''} aria-label="Policies" tabIndex={0}>
          {groups.map(([group, members]) => (
            <Combobox.Group key={group} label={group}>
              {members.map(({ value, title, detail }) => (
                <Combobox.Option
                  key={value}
                  value={value}
                  active={current?.value === value}
                  onPointerDown={() => {
                    isEnter.current = false;
                  }}
                  onDoubleClick={() => add(value)}
                >
                  <Text size="sm" fw={550}>
                    {title}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {detail}
                  </Text>
                </Combobox.Option>
              ))}
            </Combobox.Group>
          ))}
          {options.length === 0 && <Combobox.Empty>Nothing that can run here is called “{text}”.</Combobox.Empty>}
        </Combobox.Options>
      </Combobox>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={current === undefined} onClick={() => add(current?.value)}>
          OK
        </Button>
      </Group>
    </Stack>
  );
}

/** What can run at the endpoint and has the text in what is read of it: first what the project has, then the types by category. */
function useGroups(phase: Phase, text: string): readonly (readonly [string, readonly Option[]])[] {
  const { overview, types, fits, typeOf } = useEditor();
  const has = (...words: readonly string[]) => words.some((word) => word.toLowerCase().includes(text));
  const existing = overview.policies
    .filter(({ name }) => fits(name, phase))
    .filter(({ displayName, summary, type }) => has(displayName, summary, typeOf(type)?.title ?? type))
    .map(({ name, displayName, type, summary }) => ({
      value: `policy ${name}`,
      title: displayName,
      detail: [typeOf(type)?.title ?? type, summary].filter((part) => part !== '').join(' · '),
    }));
  const made = byCategory(
    types.filter(({ phases, title, description }) => phases.includes(phase) && has(title, description)),
  ).map(
    ([category, members]) =>
      [
        existing.length > 0 ? `New: ${category}` : category,
        members.map(({ name, title, description }) => ({ value: `type ${name}`, title, detail: description })),
      ] as const,
  );
  return existing.length > 0 ? [['Already in this project', existing], ...made] : made;
}
