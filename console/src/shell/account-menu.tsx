import { ActionIcon, Menu, Text, Tooltip } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { ROLE_TITLES } from '#core/model/role';
import { signOut, useSession } from '../api/session.ts';
import { tellFailure } from '../components/notify.ts';

/** Who is signed in, and the way out. */
export function AccountMenu() {
  const { user, roles } = useSession();
  const navigate = useNavigate();
  const leave = async (everywhere = false) => {
    try {
      await signOut(everywhere);
      await navigate({ to: '/login' });
    } catch (error) {
      tellFailure('Could not sign out.', error);
    }
  };
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Tooltip label={user.displayName}>
          <ActionIcon
            variant="filled"
            radius="xl"
            size={30}
            aria-label={`${initialsOf(user.displayName)}: account of ${user.displayName}`}
          >
            <Text span size="xs" fw={700}>
              {initialsOf(user.displayName)}
            </Text>
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {user.displayName}
          <br />
          {roles
            .map(({ role, serverGroup }) =>
              serverGroup === undefined ? ROLE_TITLES[role] : `${ROLE_TITLES[role]} on ${serverGroup}`,
            )
            .join(', ')}
        </Menu.Label>
        <Menu.Item onClick={() => void navigate({ to: '/settings/profile' })}>Profile</Menu.Item>
        <Menu.Item onClick={() => void navigate({ to: '/settings/keys' })}>API access keys</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => void leave()}>Sign out</Menu.Item>
        <Menu.Item onClick={() => void leave(true)}>Sign out everywhere</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function initialsOf(name: string): string {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0]?.[0], words.at(-1)?.[0]] : [words[0]?.[0], words[0]?.[1]];
  return letters.join('').toUpperCase();
}
