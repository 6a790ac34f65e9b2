import type { Clock } from '#core/clock';
import { ConfigurationError, Refusal } from '#core/errors';
import type { Message } from '#core/message';
import { PHASE_TITLES, PHASES, type Phase } from '#core/model/endpoint';
import type { ProjectSnapshot } from '#core/model/version';
import type { Outcome, PolicyHandler } from '#core/policy';
import type { ChainStep, ChainStepEnd } from '#core/policy-chain';
import type { CompileAt } from './pipeline.ts';

/** Where a chain is being compiled. */
export interface ChainPlace {
  readonly chains: NonNullable<ProjectSnapshot['chains']>;
  /** Names of the chains inside which it is called, the outermost first. */
  readonly callers: readonly string[];
  /** The endpoint of the policy that calls. */
  readonly phase: Phase;
  readonly pointer: string;
  readonly clock: Clock;
  /** Compiles a policy inside the chain. */
  readonly compileAt: CompileAt;
}

/**
 * Makes the function that runs a chain (`core/policy-chain`).
 * @throws ConfigurationError when there is none of that name, it calls itself, or a policy of it cannot run at that endpoint alone
 */
export function compileChain(name: string, place: ChainPlace): (message: Message) => Promise<Outcome> {
  const { chains, callers, phase, pointer, clock } = place;
  const index = chains.findIndex((one) => one.name === name);
  const chain = chains[index];
  if (chain === undefined) throw new ConfigurationError(`There is no policy chain ${name}.`, pointer);
  if (callers.includes(name))
    throw new ConfigurationError(`The policy chain ${name} calls itself: ${[...callers, name].join(' → ')}.`, pointer);
  const steps = chain.policies.flatMap((attachment, i) => {
    if (!attachment.enabled) return [];
    const at = `/chains/${index}/policies/${i}`;
    const { policy, handlers } = place.compileAt(attachment, phase, at);
    const later = PHASES.find((each) => each !== phase && handlers[each] !== undefined);
    if (later !== undefined)
      throw new ConfigurationError(
        `Policy ${policy.name} acts at ${PHASE_TITLES[later]} too; in a chain it would run at ${PHASE_TITLES[phase]} only. Attach it instead.`,
        at,
      );
    const step: ChainStep = {
      chain: name,
      policy: policy.name,
      displayName: policy.displayName,
      type: policy.type.name,
    };
    const handler = handlers[phase];
    return handler === undefined ? [] : [{ step, handler }];
  });
  return async (message) => {
    for (const { step, handler } of steps) {
      const outcome = await runStep(message, step, { handler, clock });
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  };
}

async function runStep(
  message: Message,
  step: ChainStep,
  { handler, clock }: { readonly handler: PolicyHandler; readonly clock: Clock },
): Promise<Outcome> {
  const end = message.beginChainStep?.(step);
  const startedAt = clock.monotonic();
  let outcome: ChainStepEnd['outcome'] = 'failed';
  try {
    const answer = await handler(message);
    outcome = answer === undefined ? 'passed' : 'answered';
    return answer;
  } catch (error) {
    if (error instanceof Refusal) outcome = 'stopped';
    throw error;
  } finally {
    end?.({ outcome, ms: clock.monotonic() - startedAt });
  }
}
