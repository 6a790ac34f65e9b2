import {
  IconArrowsExchange2,
  IconFlask,
  IconGauge,
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

/** The kind of a policy, by its category. */
export function PolicyIcon({ category }: { readonly category: string | undefined }) {
  const Icon = (category === undefined ? undefined : ICONS[category]) ?? IconPuzzle;
  return <Icon size={16} stroke={1.7} aria-hidden="true" />;
}
