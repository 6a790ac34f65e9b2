import { ActionIcon, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Right } from '../api/session.ts';

/** The menu at the end of a row. `label`: whose it is, e.g. `Acts on Orders API`. */
export function RowMenu({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={label} onDoubleClick={(event) => event.stopPropagation()}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown onDoubleClick={(event) => event.stopPropagation()}>{children}</Menu.Dropdown>
    </Menu>
  );
}

/** An entry of such a menu for those who have the right; for others it says which role it needs. */
export function GuardedItem({
  right,
  onClick,
  children,
  isDestructive = false,
}: {
  readonly right: Right;
  readonly onClick: () => void;
  readonly children: ReactNode;
  readonly isDestructive?: boolean;
}) {
  if (right.allowed)
    return (
      <Menu.Item onClick={onClick} {...(isDestructive && { color: 'var(--bad)' })}>
        {children}
      </Menu.Item>
    );
  return (
    <Menu.Item data-disabled aria-disabled closeMenuOnClick={false} onClick={(event) => event.preventDefault()}>
      {children}
      <div style={{ fontSize: '0.75rem', color: 'var(--app-muted)' }}>{right.reason}</div>
    </Menu.Item>
  );
}
