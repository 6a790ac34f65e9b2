import * as z from 'zod';
import { Refusal } from '#core/errors';
import { HeaderList } from '#core/headers';
import type { Message } from '#core/message';
import { PHASES, type Phase } from '#core/model/endpoint';
import type { AnyPolicyType, CompiledPolicy, PolicyHandler } from '#core/policy';

/** A policy type from a function, attachable everywhere. */
export function policyType(
  name: string,
  compile: (config: Record<string, unknown>, phase: Phase, policy: string) => CompiledPolicy,
): AnyPolicyType {
  return {
    name,
    title: name,
    description: name,
    category: 'test',
    phases: PHASES,
    schema: z.record(z.string(), z.unknown()),
    summarize: () => name,
    compile: (config, { context }) => compile(config, context.phase, context.policy.name),
  };
}

/** What `traced` policies wrote down, in order: `policy@phase`. */
export interface Trace {
  readonly lines: string[];
  readonly types: readonly AnyPolicyType[];
}

/**
 * Policy types that write down when they run. `traced` acts where it is attached, `unwinding` also in every later phase; settings: `does`
 * (`pass`, `answer`, `refuse`, `throw`), `at` (the phase in which it does so), `wait` (asynchronously), `onRefusal`.
 */
export function createTrace(): Trace {
  const lines: string[] = [];
  const handler =
    (config: Record<string, unknown>, policy: string, phase: Phase): PolicyHandler =>
    (message) => {
      const act = () => {
        lines.push(`${policy}@${phase}`);
        message.note({ seen: true });
        return config.at === undefined || config.at === phase ? does(config, message) : undefined;
      };
      return config.wait === true ? new Promise((resolve) => setTimeout(resolve, 5)).then(act) : act();
    };
  const compile =
    (later: boolean) =>
    (config: Record<string, unknown>, attached: Phase, policy: string): CompiledPolicy => {
      const phases = later ? PHASES.slice(PHASES.indexOf(attached)) : [attached];
      return {
        ...Object.fromEntries(phases.map((phase) => [phase, handler(config, policy, phase)])),
        onRefusal: config.onRefusal === true,
      };
    };
  return { lines, types: [policyType('traced', compile(false)), policyType('unwinding', compile(true))] };
}

function does(config: Record<string, unknown>, message: Message) {
  switch (config.does) {
    case 'answer':
      return { status: 203, headers: HeaderList.of({ 'Content-Type': 'text/plain' }), body: 'early' };
    case 'refuse':
      throw new Refusal('token_expired', { client: 'Mobile shop' }, { challenge: { realm: 'Orders' } });
    case 'throw':
      throw new TypeError('a bug with a secret in it');
    case 'head':
      message.response?.headers.set('X-Head', 'set');
      return undefined;
    default:
      return undefined;
  }
}
