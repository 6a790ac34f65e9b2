import { ActionIcon, Button, Group, Menu, Radio, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconArrowDown,
  IconArrowsMove,
  IconArrowUp,
  IconDots,
  IconPlayerPause,
  IconPlayerPlay,
  IconUnlink,
} from '@tabler/icons-react';
import { useState } from 'react';
import { PHASE_TITLES, PHASES, type Phase } from '#core/model/phase';
import { Dialog } from '../../components/dialog.tsx';
import type { Place } from './attachments.ts';
import { useEditor } from './editor-context.ts';

interface CardMenuProps {
  readonly title: string;
  readonly policy: string;
  readonly place: Place;
  readonly count: number;
  readonly isEnabled: boolean;
}

/** What can be done with a policy at its place. */
export function CardMenu({ title, policy, place, count, isEnabled }: CardMenuProps) {
  const editor = useEditor();
  const [isMoving, dialog] = useDisclosure(false);
  const { phase, index } = place;
  const others = PHASES.filter((other) => other !== phase && editor.fits(policy, other));
  if (editor.isReadOnly) return undefined;
  return (
    <>
      <Menu position="bottom-end" width={230} shadow="md">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`Acts on ${title}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconArrowUp size={15} />}
            disabled={index === 0}
            onClick={() => editor.movePolicy(place, { phase, index: index - 1 })}
          >
            Move up
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArrowDown size={15} />}
            disabled={index === count - 1}
            onClick={() => editor.movePolicy(place, { phase, index: index + 1 })}
          >
            Move down
          </Menu.Item>
          <Menu.Item leftSection={<IconArrowsMove size={15} />} disabled={others.length === 0} onClick={dialog.open}>
            Move to another endpoint…
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            leftSection={isEnabled ? <IconPlayerPause size={15} /> : <IconPlayerPlay size={15} />}
            onClick={() => editor.turnPolicy(place, !isEnabled)}
          >
            {isEnabled ? 'Turn off' : 'Turn on'}
          </Menu.Item>
          <Menu.Item leftSection={<IconUnlink size={15} />} onClick={() => editor.detachPolicy(place)}>
            Detach
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Dialog title={`Move ${title}`} isOpen={isMoving} onClose={dialog.close} size="sm">
        <MoveForm title={title} place={place} others={others} onClose={dialog.close} />
      </Dialog>
    </>
  );
}

function MoveForm({
  title,
  place,
  others,
  onClose,
}: {
  readonly title: string;
  readonly place: Place;
  readonly others: readonly Phase[];
  readonly onClose: () => void;
}) {
  const editor = useEditor();
  const [chosen, choose] = useState(others[0]);
  const move = () => {
    onClose();
    if (chosen !== undefined) editor.movePolicy(place, { phase: chosen, index: editor.endpoints[chosen].length });
  };
  return (
    <Stack>
      <Radio.Group
        label="Endpoint"
        description={`Those at which ${title} can run. It goes behind what is there.`}
        value={chosen ?? ''}
        onChange={(next) => choose(others.find((phase) => phase === next))}
      >
        <Stack gap="xs" mt="sm">
          {others.map((phase) => (
            <Radio key={phase} value={phase} label={PHASE_TITLES[phase]} />
          ))}
        </Stack>
      </Radio.Group>
      {others.length === 0 && <Text size="sm">It can run nowhere else.</Text>}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={chosen === undefined} onClick={move}>
          Move
        </Button>
      </Group>
    </Stack>
  );
}
