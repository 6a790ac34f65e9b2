import {
  IconArrowsExchange2,
  IconBraces,
  IconCode,
  IconFlask,
  IconGauge,
  IconListTree,
  IconPlugConnected,
  type IconProps,
  IconPuzzle,
  IconShieldLock,
  IconTicket,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';

const ICONS: Readonly<Record<string, ComponentType<IconProps>>> = {
  oauth: IconTicket,
  access: IconShieldLock,
  traffic: IconGauge,
  transform: IconArrowsExchange2,
  test: IconFlask,
};

/** Types whose kind says little of them. */
const ICONS_OF_TYPES: Readonly<Record<string, ComponentType<IconProps>>> = {
  'assign-variables': IconBraces,
  'call-policy-chain': IconListTree,
  'service-callout': IconPlugConnected,
  script: IconCode,
};

/** The kind of a policy, by its type or its category. */
export function PolicyIcon({
  type,
  category,
}: {
  readonly type: string | undefined;
  readonly category: string | undefined;
}) {
  const Icon = ICONS_OF_TYPES[type ?? ''] ?? ICONS[category ?? ''] ?? IconPuzzle;
  return <Icon size={16} stroke={1.7} aria-hidden="true" />;
}
