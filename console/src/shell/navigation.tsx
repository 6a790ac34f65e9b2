import { NavLink } from '@mantine/core';
import {
  IconActivityHeartbeat,
  IconApi,
  IconHistory,
  IconHome,
  IconLink,
  IconListSearch,
  IconPackage,
  IconRocket,
  IconServer2,
  IconSettings,
  IconTerminal2,
  IconUserShield,
  IconUsers,
} from '@tabler/icons-react';
import { useRouter, useRouterState } from '@tanstack/react-router';
import classes from './shell.module.css';

/** The entries of the navigation, in their groups (console.md §3). */
const GROUPS = [
  {
    title: 'Build',
    entries: [
      { to: '/', title: 'Dashboard', icon: IconHome },
      { to: '/projects', title: 'API projects', icon: IconApi },
      { to: '/deployments', title: 'Deployments', icon: IconRocket },
      { to: '/server-groups', title: 'Server groups', icon: IconServer2 },
    ],
  },
  {
    title: 'Apps',
    entries: [
      { to: '/products', title: 'Products', icon: IconPackage },
      { to: '/clients', title: 'Clients', icon: IconUsers },
      { to: '/subscriptions', title: 'Subscriptions', icon: IconLink },
      { to: '/resource-owners', title: 'Resource owners', icon: IconUserShield },
    ],
  },
  {
    title: 'Operate',
    entries: [
      { to: '/monitor', title: 'Monitor', icon: IconActivityHeartbeat },
      { to: '/requests', title: 'Request log', icon: IconListSearch },
      { to: '/try', title: 'Try it', icon: IconTerminal2 },
    ],
  },
  {
    title: 'Admin',
    entries: [
      { to: '/audit', title: 'Audit trail', icon: IconHistory },
      { to: '/settings', title: 'Settings', icon: IconSettings },
    ],
  },
] as const;

/** The navigation at the left. */
export function Navigation({ onNavigate }: { readonly onNavigate: () => void }) {
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const router = useRouter();
  return (
    <nav aria-label="Main" className={classes.navigation}>
      {GROUPS.map((group) => (
        <div key={group.title}>
          <div className={classes.group}>{group.title}</div>
          {group.entries.map(({ to, title, icon: Icon }) => {
            const isCurrent = to === '/' ? pathname === '/' : pathname === to || pathname.startsWith(`${to}/`);
            return (
              <NavLink
                key={to}
                component="a"
                href={to}
                label={title}
                leftSection={<Icon size={16} stroke={1.7} />}
                active={isCurrent}
                className={classes.entry ?? ''}
                {...(isCurrent && { 'aria-current': 'page' as const })}
                onClick={(event) => {
                  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
                  event.preventDefault();
                  onNavigate();
                  void router.navigate({ to });
                }}
              />
            );
          })}
        </div>
      ))}
    </nav>
  );
}
