import { Group, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';

interface SurfaceProps {
  readonly title?: string;
  /** At the right of its title. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  readonly padding?: number;
}

/** A card: a region of a screen with its heading. */
export function Surface({ title, aside, children, padding = 14 }: SurfaceProps) {
  const id = useId();
  return (
    <section className="surface" style={{ padding }} {...(title !== undefined && { 'aria-labelledby': id })}>
      {title !== undefined && (
        <Group justify="space-between" mb="sm" gap="xs">
          <Title order={2} size="h3" id={id}>
            {title}
          </Title>
          {aside}
        </Group>
      )}
      {children}
    </section>
  );
}
