import type { Attachment, Endpoints } from '#core/model/endpoint';
import type { Phase } from '#core/model/phase';

/** A policy's place at an endpoint: which, and the how manyth from 0. */
export interface Place {
  readonly phase: Phase;
  readonly index: number;
}

/** The endpoints with a policy attached at a place; behind the last when no index is given. */
export function attach(
  endpoints: Endpoints,
  attachment: Attachment,
  { phase, index = endpoints[phase].length }: { readonly phase: Phase; readonly index?: number },
): Endpoints {
  return { ...endpoints, [phase]: endpoints[phase].toSpliced(index, 0, attachment) };
}

/** The endpoints without the policy at a place. */
export function detach(endpoints: Endpoints, { phase, index }: Place): Endpoints {
  return { ...endpoints, [phase]: endpoints[phase].toSpliced(index, 1) };
}

/** The endpoints with a policy moved: `to.index` is where it stands afterwards. */
export function move(endpoints: Endpoints, from: Place, to: Place): Endpoints {
  const attachment = endpoints[from.phase][from.index];
  return attachment === undefined ? endpoints : attach(detach(endpoints, from), attachment, to);
}

/** The endpoints with a policy on or off at a place. */
export function turn(endpoints: Endpoints, { phase, index }: Place, enabled: boolean): Endpoints {
  return { ...endpoints, [phase]: endpoints[phase].map((one, at) => (at === index ? { ...one, enabled } : one)) };
}

/** Where a policy is attached at an endpoint; `undefined` when it is not. */
export function placeOf(endpoints: Endpoints, phase: Phase, policy: string): Place | undefined {
  const index = endpoints[phase].findIndex((attachment) => attachment.policy === policy);
  return index === -1 ? undefined : { phase, index };
}
