import { Button, Stack } from '@mantine/core';
import { IconTerminal2 } from '@tabler/icons-react';
import { useState } from 'react';
import { CodeLine } from './code-line.tsx';

/** The command line that does what a dialog does (console.md §2.9). */
export function ShowCommand({ command }: { readonly command: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Stack gap={6}>
      <div>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconTerminal2 size={16} />}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? 'Hide command' : 'Show command'}
        </Button>
      </div>
      {isOpen && <CodeLine value={command} label="Copy the command" />}
    </Stack>
  );
}
