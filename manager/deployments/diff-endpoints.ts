import type { Change } from '#core/model/deployment';
import { type Attachment, type Endpoints, PHASE_TITLES, PHASES, type Phase } from '#core/model/endpoint';
import { quoted } from './diff-words.ts';

/** Whose endpoints are compared. */
export interface EndpointsPlace {
  readonly pointer: string;
  /** Whose endpoints: a resource's display name, or "the project". */
  readonly of: string;
  /** Display names of policies by name. */
  readonly titles: ReadonlyMap<string, string>;
}

interface Placed extends Attachment {
  readonly phase: Phase;
  readonly position: number;
  /** Name and occurrence: a policy may be attached twice at one endpoint. */
  readonly key: string;
}

/**
 * Changes of the four endpoints: attached, detached, turned on or off, moved within an endpoint or to another one. Only what left its order
 * counts as moved, not all that it passed.
 */
export function diffEndpoints(
  place: EndpointsPlace,
  from: { readonly endpoints: Endpoints } | undefined,
  to: { readonly endpoints: Endpoints } | undefined,
): Change[] {
  if (to === undefined) return [];
  const before = PHASES.map((phase) => placed(phase, from?.endpoints[phase] ?? []));
  const after = PHASES.map((phase) => placed(phase, to.endpoints[phase]));
  const gone = before.flatMap((list, i) => list.filter(({ key }) => !after[i]?.some((other) => other.key === key)));
  const come = after.flatMap((list, i) => list.filter(({ key }) => !before[i]?.some((other) => other.key === key)));
  const changes: Change[] = [];
  for (const item of come) {
    const origin = gone.findIndex(({ policy }) => policy === item.policy);
    const [left] = origin < 0 ? [] : gone.splice(origin, 1);
    changes.push(left === undefined ? attached(place, item) : movedAcross(place, left, item));
    if (left !== undefined && left.enabled !== item.enabled) changes.push(turned(place, item));
  }
  for (const item of gone) changes.push(detached(place, item));
  for (const [i, list] of after.entries()) changes.push(...diffOrder(place, before[i] ?? [], list));
  return changes;
}

function diffOrder(place: EndpointsPlace, before: readonly Placed[], after: readonly Placed[]): Change[] {
  const stayed = after.flatMap((item) => {
    const old = before.find(({ key }) => key === item.key);
    return old === undefined ? [] : [{ item, old }];
  });
  const still = longestRise(stayed.map(({ old }) => old.position));
  return stayed.flatMap(({ item, old }, i) => [
    ...(still.has(i) ? [] : [movedWithin(place, old, item)]),
    ...(old.enabled === item.enabled ? [] : [turned(place, item)]),
  ]);
}

const where = (place: EndpointsPlace, item: Placed) => `${PHASE_TITLES[item.phase]} of ${place.of}`;
const title = (place: EndpointsPlace, item: Placed) => quoted(place.titles.get(item.policy) ?? item.policy);
const pointer = (place: EndpointsPlace, item: Placed) => `${place.pointer}/${item.phase}/${item.key}`;
const off = (item: Placed) => (item.enabled ? '' : ' (off)');

function attached(place: EndpointsPlace, item: Placed): Change {
  const sentence = `${where(place, item)}: ${title(place, item)} attached at position ${item.position}${off(item)}`;
  return {
    kind: 'added',
    pointer: pointer(place, item),
    sentence,
    to: { position: item.position, enabled: item.enabled },
  };
}

function detached(place: EndpointsPlace, item: Placed): Change {
  const sentence = `${where(place, item)}: ${title(place, item)} detached${off(item)}`;
  return {
    kind: 'removed',
    pointer: pointer(place, item),
    sentence,
    from: { position: item.position, enabled: item.enabled },
  };
}

function turned(place: EndpointsPlace, item: Placed): Change {
  const sentence = `${where(place, item)}: ${title(place, item)} turned ${item.enabled ? 'on' : 'off'}`;
  return {
    kind: 'changed',
    pointer: `${pointer(place, item)}/enabled`,
    sentence,
    from: !item.enabled,
    to: item.enabled,
  };
}

function movedWithin(place: EndpointsPlace, old: Placed, item: Placed): Change {
  const sentence = `${where(place, item)}: ${title(place, item)} moved from position ${old.position} to ${item.position}`;
  return {
    kind: 'changed',
    pointer: `${pointer(place, item)}/position`,
    sentence,
    from: old.position,
    to: item.position,
  };
}

function movedAcross(place: EndpointsPlace, old: Placed, item: Placed): Change {
  const to = `${PHASE_TITLES[item.phase]}, position ${item.position}`;
  return {
    kind: 'changed',
    pointer: pointer(place, item),
    sentence: `${where(place, old)}: ${title(place, item)} moved to ${to}`,
    from: { phase: old.phase, position: old.position },
    to: { phase: item.phase, position: item.position },
  };
}

function placed(phase: Phase, attachments: readonly Attachment[]): Placed[] {
  const seen = new Map<string, number>();
  return attachments.map(({ policy, enabled }, i) => {
    const n = (seen.get(policy) ?? 0) + 1;
    seen.set(policy, n);
    return { policy, enabled, phase, position: i + 1, key: n === 1 ? policy : `${policy}#${n}` };
  });
}

/** Indexes of a longest rising run: those items kept their order, all others moved. Lists have at most 50 items. */
function longestRise(values: readonly number[]): ReadonlySet<number> {
  const runs: number[][] = [];
  for (const [i, value] of values.entries()) {
    let best: number[] = [];
    for (const run of runs) if ((values[run.at(-1) ?? 0] ?? 0) < value && run.length > best.length) best = run;
    runs.push([...best, i]);
  }
  return new Set(runs.reduce<number[]>((longest, run) => (run.length > longest.length ? run : longest), []));
}
