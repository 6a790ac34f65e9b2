import { ActionIcon, Menu, Table, Tooltip } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { IconHelp } from '@tabler/icons-react';
import { useSession } from '../api/session.ts';
import { Dialog } from '../components/dialog.tsx';

const SHORTCUTS = [
  ['Ctrl + K', 'Search, or paste a request id'],
  ['?', 'These shortcuts'],
  ['Ctrl + Enter', 'Send the form'],
  ['Alt + ↑ ↓', 'Move a policy up or down'],
  ['Space', 'Lift and drop a policy; arrows move it, Esc puts it back'],
  ['Enter', "A policy's settings"],
  ['Delete', 'Detach a policy'],
] as const;

/** Help: shortcuts, the API, and which version this is. */
export function HelpMenu() {
  const { version } = useSession();
  const [isOpen, dialog] = useDisclosure(false);
  useHotkeys([['shift+?', dialog.open]]);
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <Tooltip label="Help">
            <ActionIcon variant="subtle" color="gray" size={32} aria-label="Help">
              <IconHelp size={18} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={dialog.open}>Keyboard shortcuts</Menu.Item>
          <Menu.Item component="a" href="/api/v1/openapi.json" target="_blank" rel="noopener">
            Management API (OpenAPI)
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>Gatewright {version}</Menu.Label>
        </Menu.Dropdown>
      </Menu>
      <Dialog title="Keyboard shortcuts" isOpen={isOpen} onClose={dialog.close}>
        <Table>
          <Table.Tbody>
            {SHORTCUTS.map(([keys, act]) => (
              <Table.Tr key={keys}>
                <Table.Td className="mono nowrap">{keys}</Table.Td>
                <Table.Td>{act}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Dialog>
    </>
  );
}
