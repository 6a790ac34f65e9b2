/** The four endpoints of a flow, in running order. */
export const PHASES = ['proxyRequest', 'targetRequest', 'targetResponse', 'proxyResponse'] as const;
export type Phase = (typeof PHASES)[number];

/** The endpoints' names as people read them (seeds' words). */
export const PHASE_TITLES: Readonly<Record<Phase, string>> = {
  proxyRequest: 'Proxy Request',
  targetRequest: 'Target Request',
  targetResponse: 'Target Response',
  proxyResponse: 'Proxy Response',
};
