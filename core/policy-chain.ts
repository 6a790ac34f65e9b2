import type { Message } from './message.ts';

/** The chains of the project that is being compiled (decision 21): named, ordered lists of policies, called by a policy. */
export interface PolicyChains {
  /**
   * Makes the function that runs a chain: its policies in order, on the message of the caller. An early answer of a policy ends the chain and
   * is given back; a thrown `Refusal` goes through.
   * @throws ConfigurationError when there is no chain of that name, or it calls itself through others
   */
  compile(name: string): (message: Message) => Promise<import('./policy.ts').Outcome>;
}
