import { ActionIcon, Indicator, Popover, Stack, Text, Title, Tooltip } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { Link } from '../components/link.tsx';
import { useHeader } from './header-state.ts';

/** What needs attention, behind the bell. */
export function Notices() {
  const { data } = useHeader();
  const items = data?.attention ?? [];
  return (
    <Popover position="bottom-end" width={360} trapFocus>
      <Popover.Target>
        <Tooltip label="What needs attention">
          <Indicator disabled={items.length === 0} color="red" size={8} offset={6}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={32}
              aria-label={items.length === 0 ? 'Nothing needs attention' : `${items.length} things need attention`}
            >
              <IconBell size={18} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label="What needs attention">
        <Stack gap="xs">
          <Title order={2} size="h3">
            Needs attention
          </Title>
          {items.length === 0 && (
            <Text size="sm" c="dimmed">
              Nothing. Gateways, secrets and drafts are as they should be.
            </Text>
          )}
          {items.map((item) => (
            <Text size="sm" key={item.text}>
              {item.text} {item.link !== undefined && <Link to={item.link}>Look</Link>}
            </Text>
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
