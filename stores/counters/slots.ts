import type { CounterRule } from '#core/counter-store';

/** Slots of a rolling interval. */
export const SLOTS = 60;

/** How much was taken, by the start of the slot in which it was; a window of a calendar has the one slot 0. */
export type Slots = Map<number, number>;

/** The rules that count in slots. */
export type SlotRule = Extract<CounterRule, { kind: 'window' | 'rolling' }>;

/** Length of a slot, in whole ms. */
function slotMs(intervalMs: number): number {
  return Math.max(1, Math.ceil(intervalMs / SLOTS));
}

/** The slot in which something taken now is counted. */
export function slotAt(rule: SlotRule, now: number): number {
  if (rule.kind === 'window') return 0;
  const length = slotMs(rule.intervalMs);
  return Math.floor(now / length) * length;
}

/** When a slot takes nothing more. */
export function slotEndsAt(rule: SlotRule, slot: number): number {
  return rule.kind === 'window' ? rule.endsAt : slot + slotMs(rule.intervalMs);
}

/** When what was taken in a slot counts no more: for a rolling interval one interval after the slot's end, so that it is never too early. */
export function slotCountsUntil(rule: SlotRule, slot: number): number {
  return rule.kind === 'window' ? rule.endsAt : slotEndsAt(rule, slot) + rule.intervalMs;
}

/** Forgets slots that count no more; gives what is taken. */
export function usedIn(slots: Slots, rule: SlotRule, now: number): number {
  let used = 0;
  for (const [slot, taken] of slots) {
    if (slotCountsUntil(rule, slot) <= now) slots.delete(slot);
    else used += taken;
  }
  return used;
}

/** In how many ms everything is free again. */
export function resetMsOf(slots: Slots, rule: SlotRule, now: number): number {
  if (rule.kind === 'window') return Math.max(0, rule.endsAt - now);
  let last = now;
  for (const [slot, taken] of slots) if (taken > 0) last = Math.max(last, slotCountsUntil(rule, slot));
  return last - now;
}

/** In how many ms so much is free, when nothing is taken meanwhile; what never is: when everything is. */
export function waitMsFor(weight: number, slots: Slots, rule: SlotRule, now: number): number {
  if (rule.kind === 'window') return Math.max(0, rule.endsAt - now);
  let free = rule.allow - usedIn(slots, rule, now);
  let waitMs = 0;
  for (const [slot, taken] of [...slots].sort(([a], [b]) => a - b)) {
    if (free >= weight) break;
    free += taken;
    waitMs = slotCountsUntil(rule, slot) - now;
  }
  return waitMs;
}
