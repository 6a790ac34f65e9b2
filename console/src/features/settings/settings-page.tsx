import { Tabs } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Page } from '../../components/page.tsx';

/** The parts of the settings, each with an address of its own. */
const PARTS = [
  { to: '/settings', title: 'General' },
  { to: '/settings/users', title: 'Users and roles' },
  { to: '/settings/identity-providers', title: 'Identity providers' },
  { to: '/settings/keys', title: 'API access keys' },
  { to: '/settings/signing-keys', title: 'Signing keys' },
  { to: '/settings/token-stores', title: 'Token stores' },
  { to: '/settings/profile', title: 'Own profile' },
] as const;

/** A part of the settings, below its tabs. */
export function SettingsPage({
  part,
  actions,
  children,
}: {
  readonly part: (typeof PARTS)[number]['to'];
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  const navigate = useNavigate();
  return (
    <Page
      title="Settings"
      actions={actions}
      tabs={
        <Tabs value={part} onChange={(to) => void navigate({ to: to ?? '/settings' })}>
          <Tabs.List aria-label="Parts of the settings">
            {PARTS.map(({ to, title }) => (
              <Tabs.Tab key={to} value={to}>
                {title}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Tabs>
      }
    >
      {children}
    </Page>
  );
}
