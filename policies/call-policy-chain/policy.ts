import { PHASES } from '#core/model/endpoint';
import type { PolicyType } from '#core/policy';
import { type Config, schema } from './schema.ts';

/** Call Policy Chain: runs the policies of a chain at the endpoint where it is attached. */
export const callPolicyChain: PolicyType<Config> = {
  name: 'call-policy-chain',
  title: 'Call Policy Chain',
  description: 'Runs the policies of a policy chain, in their order, as if they were attached here.',
  category: 'transform',
  phases: PHASES,
  schema,

  calls: ({ chain }) => [chain],
  summarize: ({ chain }) => `runs ${chain}`,

  compile({ chain }, { chains, context: { phase } }) {
    return { [phase]: chains.compile(chain) };
  },
};
