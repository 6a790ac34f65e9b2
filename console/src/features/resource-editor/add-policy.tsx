import { Menu, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { type KeyboardEvent, useRef } from 'react';
import { PHASE_TITLES, type Phase } from '#core/model/phase';
import { useRight } from '../../api/session.ts';
import { byCategory } from '../project/policy-types.ts';
import { useEditor } from './editor-context.ts';
import { PickPolicy } from './pick-policy.tsx';
import classes from './resource-editor.module.css';

/** Most policies of the project that the menu lists; the dialog has them all. */
const LISTED = 6;

/** Adds a policy to an endpoint: one of the project, or a new one of a type that fits. Ctrl+Enter opens the list to search in. */
export function AddPolicy({ phase }: { readonly phase: Phase }) {
  const editor = useEditor();
  const right = useRight('projects:write');
  const [isMenuOpen, menu] = useDisclosure(false);
  const [isBrowsing, dialog] = useDisclosure(false);
  const target = useRef<HTMLButtonElement>(null);
  const existing = editor.overview.policies.filter(({ name }) => editor.fits(name, phase));
  const groups = byCategory(editor.types.filter(({ phases }) => phases.includes(phase)));

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    menu.close();
    dialog.open();
  };
  const button = (
    <UnstyledButton
      ref={target}
      data-add={phase}
      className={classes.add ?? ''}
      aria-keyshortcuts="Control+Enter"
      onKeyDown={onKeyDown}
      {...(!right.allowed && { 'aria-disabled': true, 'aria-description': right.reason })}
    >
      <IconPlus size={15} aria-hidden="true" /> Add policy
    </UnstyledButton>
  );
  if (!right.allowed) return <Tooltip label={right.reason}>{button}</Tooltip>;
  return (
    <>
      <Menu
        opened={isMenuOpen}
        onChange={(isOpen) => (isOpen ? menu.open() : menu.close())}
        width={300}
        shadow="md"
        position="bottom"
      >
        <Menu.Target>{button}</Menu.Target>
        <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
          {existing.length > 0 && <Menu.Label>Already in this project</Menu.Label>}
          {existing.slice(0, LISTED).map(({ name, displayName, summary }) => (
            <Menu.Item key={name} onClick={() => editor.attachPolicy(name, phase)}>
              <Text size="sm" className="clip">
                {displayName}
              </Text>
              <Text size="xs" c="dimmed" className="clip" aria-hidden="true">
                {summary}
              </Text>
            </Menu.Item>
          ))}
          {groups.map(([category, types]) => [
            <Menu.Label key={category}>{existing.length > 0 ? `New: ${category}` : category}</Menu.Label>,
            ...types.map((type) => (
              <Menu.Item key={type.name} onClick={() => void editor.attachNew(type, phase)}>
                {type.title}
              </Menu.Item>
            )),
          ])}
          <Menu.Divider />
          <Menu.Item onClick={dialog.open}>Browse all…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <PickPolicy
        title={`Add policy to ${PHASE_TITLES[phase]}`}
        phase={phase}
        isOpen={isBrowsing}
        onClose={() => {
          dialog.close();
          requestAnimationFrame(() => {
            // Opened from the menu, whose entry is gone: the dialog cannot give the focus back to it.
            if (document.activeElement === document.body) target.current?.focus();
          });
        }}
      />
    </>
  );
}
