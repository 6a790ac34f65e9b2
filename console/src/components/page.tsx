import { Group, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import classes from './page.module.css';

interface PageProps {
  readonly title: string;
  /** One line below the title. */
  readonly description?: string;
  /** Links to what this lies in, outermost first. */
  readonly crumbs?: readonly ReactNode[];
  /** State, beside the title. */
  readonly badges?: ReactNode;
  /** Buttons, at the right; the primary one last. */
  readonly actions?: ReactNode;
  /** Tabs, below the title; the header is then a surface of its own. */
  readonly tabs?: ReactNode;
  readonly children: ReactNode;
}

/** A screen: its heading, its acts, and what it shows. */
export function Page({ title, description, crumbs = [], badges, actions, tabs, children }: PageProps) {
  useDocumentTitle(`${title} · Gatewright`);
  return (
    <>
      <div className={`${classes.header} ${tabs === undefined ? '' : classes.flush}`}>
        <div>
          {crumbs.length > 0 && (
            <nav aria-label="Breadcrumb" className={classes.crumbs}>
              {crumbs.map((crumb, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the crumbs of a page stand still
                <span key={index}>
                  {index > 0 && <span aria-hidden="true">›</span>}
                  {crumb}
                </span>
              ))}
            </nav>
          )}
          <div className={classes.title}>
            <Title order={1}>{title}</Title>
            {badges}
          </div>
          {description !== undefined && (
            <Text c="dimmed" size="sm" maw={720}>
              {description}
            </Text>
          )}
        </div>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
        {tabs !== undefined && <div className={classes.below}>{tabs}</div>}
      </div>
      <div className={classes.body}>{children}</div>
    </>
  );
}
