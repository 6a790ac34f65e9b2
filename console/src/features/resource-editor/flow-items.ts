import type { Attachment, Endpoints } from '#core/model/endpoint';
import { PHASES, type Phase } from '#core/model/phase';

/** A policy at an endpoint with a name of its own for dragging: it keeps it while it is dragged to another endpoint. */
export interface FlowItem {
  readonly id: string;
  readonly attachment: Attachment;
}

/** The policies of all endpoints, as they can be dragged. */
export type FlowItems = Readonly<Record<Phase, readonly FlowItem[]>>;

/** What can be dragged of endpoints. */
export function itemsOf(endpoints: Endpoints): FlowItems {
  const at = (phase: Phase) =>
    endpoints[phase].map((attachment) => ({ id: `${phase}/${attachment.policy}`, attachment }));
  return {
    proxyRequest: at('proxyRequest'),
    targetRequest: at('targetRequest'),
    targetResponse: at('targetResponse'),
    proxyResponse: at('proxyResponse'),
  };
}

/** Where an item is now; or, for the name of an endpoint, behind its last. */
export function findItem(
  items: FlowItems,
  id: string,
): { readonly phase: Phase; readonly index: number; readonly item: FlowItem | undefined } | undefined {
  for (const phase of PHASES) {
    if (id === phase) return { phase, index: items[phase].length, item: undefined };
    const index = items[phase].findIndex((item) => item.id === id);
    if (index !== -1) return { phase, index, item: items[phase][index] };
  }
  return undefined;
}

/** The items with one moved to an endpoint, where it then stands at `index`. */
export function moveItem(
  items: FlowItems,
  id: string,
  to: { readonly phase: Phase; readonly index: number },
): FlowItems {
  const from = findItem(items, id);
  if (from?.item === undefined) return items;
  const without = { ...items, [from.phase]: items[from.phase].toSpliced(from.index, 1) };
  return { ...without, [to.phase]: without[to.phase].toSpliced(to.index, 0, from.item) };
}
