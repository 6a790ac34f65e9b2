import { PHASE_TITLES, type Phase } from '#core/model/phase';

/** What is told when a policy has moved: `Quota by client moved to position 2 of 3 in Proxy Request`. */
export function movedSentence(name: string, index: number, count: number, phase: Phase): string {
  return `${name} moved to ${positionIn(index, count, phase)}`;
}

/** `position 2 of 3 in Proxy Request`. */
export function positionIn(index: number, count: number, phase: Phase): string {
  return `position ${index + 1} of ${count} in ${PHASE_TITLES[phase]}`;
}

/** What an endpoint without policies is for (console.md §4.9). */
export const EMPTY_SENTENCES: Readonly<Record<Phase, string>> = {
  proxyRequest: 'No policies yet. Runs first, on what the client has sent. Put checks of tokens and limits here.',
  targetRequest: 'No policies yet. Runs before your service is called. Put changes of the call here.',
  targetResponse: 'No policies yet. Runs when your service has answered. Put caching and transforms here.',
  proxyResponse: 'No policies yet. Runs last, before the client gets the answer. Put header fields here.',
};
