import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Failure } from './states.tsx';

interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly size?: 'sm' | 'md' | 'lg' | 'xl';
  readonly children: ReactNode;
}

/** A dialog: the focus is kept inside, Esc cancels, and the opener has the focus again afterwards. */
export function Dialog({ title, isOpen, onClose, size = 'md', children }: DialogProps) {
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={
        <Text component="h2" fw={600} size="lg" m={0} style={{ overflowWrap: 'anywhere' }}>
          {title}
        </Text>
      }
      size={size}
      centered
      transitionProps={{ duration: 0 }}
    >
      {isOpen && children}
    </Modal>
  );
}

interface ConfirmProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** The effect, in numbers where there are. */
  readonly children: ReactNode;
  /** The act, as on its button: `End secret now`. */
  readonly act: string;
  readonly onConfirm: () => Promise<void>;
  readonly isDestructive?: boolean;
  /** A name that has to be typed first. */
  readonly typed?: string | undefined;
  /** For a failure: `Could not end the secret.` */
  readonly failure: string;
}

/** Asks before something is done that matters. */
export function Confirm(props: ConfirmProps) {
  return (
    <Dialog title={props.title} isOpen={props.isOpen} onClose={props.onClose}>
      <ConfirmBody {...props} />
    </Dialog>
  );
}

function ConfirmBody({ onClose, children, act, onConfirm, isDestructive = false, typed, failure }: ConfirmProps) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<unknown>();
  const [isRunning, setRunning] = useState(false);
  const run = async () => {
    setRunning(true);
    setProblem(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setProblem(error);
    } finally {
      setRunning(false);
    }
  };
  return (
    <Stack>
      <Text size="sm" component="div">
        {children}
      </Text>
      {typed !== undefined && (
        <TextInput
          label={`Type ${typed} to confirm`}
          value={text}
          autoComplete="off"
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      {problem !== undefined && <Failure what={failure} error={problem} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" data-autofocus onClick={onClose}>
          Cancel
        </Button>
        <Button
          {...(isDestructive && { color: 'red' })}
          loading={isRunning}
          disabled={typed !== undefined && text.trim() !== typed}
          onClick={() => void run()}
        >
          {act}
        </Button>
      </Group>
    </Stack>
  );
}
