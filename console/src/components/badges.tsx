import { Badge, type BadgeProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { PROJECT_KIND_TITLES, type ProjectKind } from '#core/model/project-kind';

/** How a status is meant: the colour goes with words, never alone. */
export type Tone = 'green' | 'orange' | 'red' | 'gray' | 'brand';

/** Words that are known to be short are not cut where a table is narrow. */
const WHOLE = 'max-content';

/** A state in a word or two. */
export function Status({
  tone,
  children,
  ...rest
}: BadgeProps & { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <Badge color={tone} {...rest}>
      {children}
    </Badge>
  );
}

/** The kind of a project. */
export function KindBadge({ kind }: { readonly kind: ProjectKind }) {
  return (
    <Status tone="gray" miw={WHOLE}>
      {PROJECT_KIND_TITLES[kind]}
    </Status>
  );
}

/** An HTTP status, toned by its class. */
export function HttpStatus({ status }: { readonly status: number }) {
  const tone = status >= 500 ? 'red' : status >= 400 ? 'orange' : 'green';
  return (
    <Status tone={tone} miw={WHOLE} className="num">
      {status}
    </Status>
  );
}

const STATES: Readonly<Record<string, readonly [Tone, string]>> = {
  active: ['green', 'Active'],
  enabled: ['green', 'Enabled'],
  disabled: ['gray', 'Disabled'],
  pending: ['orange', 'Pending'],
  suspended: ['orange', 'Suspended'],
  ended: ['gray', 'Ended'],
  draft: ['gray', 'Draft'],
  published: ['green', 'Published'],
  retired: ['orange', 'Retired'],
  ready: ['green', 'Ready'],
  'not-ready': ['orange', 'Not ready'],
  draining: ['orange', 'Draining'],
  lost: ['red', 'Lost'],
  live: ['green', 'Live'],
  replaced: ['gray', 'Replaced'],
  'rolled-back': ['orange', 'Rolled back'],
  undeployed: ['gray', 'Undeployed'],
};

/** The state of a record or a gateway, in words. */
export function StateBadge({ state }: { readonly state: string }) {
  const [tone, words] = STATES[state] ?? (['gray', state] as const);
  return (
    <Status tone={tone} miw={WHOLE}>
      {words}
    </Status>
  );
}
