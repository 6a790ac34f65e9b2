import type { ShownResourceOwner } from '#core/model/resource-owner';
import { StateBadge, Status } from '../../components/badges.tsx';

/** Whether somebody can sign in now, in a word. */
export function OwnerState({ owner }: { readonly owner: ShownResourceOwner }) {
  if (owner.active && owner.lockedUntil !== undefined) return <Status tone="orange">Has to wait</Status>;
  return <StateBadge state={owner.active ? 'enabled' : 'disabled'} />;
}
