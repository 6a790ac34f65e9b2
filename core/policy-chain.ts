import type { Message } from './message.ts';
import type { Outcome } from './policy.ts';

/** The chains of the project that is being compiled (decision 21): named, ordered lists of policies, called by a policy. */
export interface PolicyChains {
  /**
   * Makes the function that runs a chain: its policies in order, on the message of the caller. An early answer of a policy ends the chain and
   * is given back; a thrown `Refusal` goes through.
   * @throws ConfigurationError when there is no chain of that name, or it calls itself through others
   */
  compile(name: string): (message: Message) => Promise<Outcome>;
}

/** A policy of a chain at its place, for the trace. */
export interface ChainStep {
  /** Name of the chain. */
  readonly chain: string;
  readonly policy: string;
  readonly displayName: string;
  readonly type: string;
}

/** How a policy of a chain ended. */
export interface ChainStepEnd {
  readonly outcome: 'passed' | 'answered' | 'stopped' | 'failed';
  readonly ms: number;
}
