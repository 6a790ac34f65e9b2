import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';

interface CopyProps {
  readonly value: string;
  /** What is copied, for its accessible name: `Copy consumer key`. */
  readonly label: string;
  /** Called when it was copied. */
  readonly onCopied?: () => void;
}

/** Copies a value; small, beside it. */
export function CopyIcon({ value, label, onCopied }: CopyProps) {
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <Tooltip label={clipboard.copied ? 'Copied' : label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={clipboard.copied ? 'Copied' : label}
        onClick={() => {
          clipboard.copy(value);
          onCopied?.();
        }}
      >
        {clipboard.copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
      </ActionIcon>
    </Tooltip>
  );
}

/** Copies a value; a button with words. */
export function CopyButton({ value, label, onCopied }: CopyProps) {
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <Button
      variant="default"
      leftSection={clipboard.copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
      onClick={() => {
        clipboard.copy(value);
        onCopied?.();
      }}
    >
      {clipboard.copied ? 'Copied' : label}
    </Button>
  );
}
