import { Tabs } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Right } from '../../api/session.ts';
import { Page } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';

/** What there is of people who sign in at authorization end points, each with an address of its own. */
const PARTS = [
  { to: '/resource-owners', title: 'People' },
  { to: '/resource-owners/directories', title: 'Directories' },
] as const;

/** A list of resource owners or of their directories, below its tabs; for somebody without `read`, which role it needs. */
export function OwnerPages({
  part,
  read,
  what,
  actions,
  children,
}: {
  readonly part: (typeof PARTS)[number]['to'];
  readonly read: Right;
  /** What is listed, at the beginning of a sentence: `Resource owners`. */
  readonly what: string;
  readonly actions: ReactNode;
  readonly children: ReactNode;
}) {
  const navigate = useNavigate();
  return (
    <Page
      title="Resource owners"
      description="People who sign in at an authorization end point and allow clients something. They have no rights in this console."
      actions={read.allowed ? actions : undefined}
      tabs={
        <Tabs value={part} onChange={(to) => void navigate({ to: to ?? '/resource-owners' })}>
          <Tabs.List aria-label="Resource owners and their directories">
            {PARTS.map(({ to, title }) => (
              <Tabs.Tab key={to} value={to}>
                {title}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Tabs>
      }
    >
      {read.allowed ? (
        children
      ) : (
        <div className="surface">
          <Empty title={`${what} are not shown to you`}>{read.reason}.</Empty>
        </div>
      )}
    </Page>
  );
}
