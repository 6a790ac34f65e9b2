import { type Egress, type EgressAnswer, EgressError } from '#core/egress';
import { Refusal } from '#core/errors';
import type { Message } from '#core/message';
import { PHASES } from '#core/model/endpoint';
import type { PolicyType } from '#core/policy';
import { readAnswer, UnusableAnswer } from './answer.ts';
import { type CalloutRequest, compileRequest } from './request.ts';
import { type Config, schema } from './schema.ts';

/** Service Callout: asks a service and leaves its answer on the whiteboard. */
export const serviceCallout: PolicyType<Config> = {
  name: 'service-callout',
  title: 'Service Callout',
  description: 'Calls a service while the request waits, and writes its answer to the whiteboard.',
  category: 'transform',
  phases: PHASES,
  schema,

  writes: ({ attribute }) => [attribute],
  summarize: ({ method, url, attribute }) => `${method} ${hostIn(url)} → ${attribute}`,

  compile(config, { context, egress, metrics, clock }) {
    const requestOf = compileRequest(config);
    const host = hostIn(config.url);
    const failed = metrics.counter('callouts_failed_total', 'Service callouts without a usable answer.', {
      project: context.project.name,
      policy: context.policy.name,
    });
    let running = 0;
    const callout = async (message: Message): Promise<undefined> => {
      const request = await requestOf(message);
      if (running >= config.maxConcurrent)
        throw new Refusal('gateway_busy', { what: 'callouts', limit: config.maxConcurrent });
      running += 1;
      const startedAt = clock.monotonic();
      message.whiteboard.remove(config.attribute); // nothing from before is taken for the answer
      try {
        const answer = await send(egress, config, request);
        message.note({ host, status: answer.status, bytes: answer.body.length });
        message.whiteboard.assign(config.attribute, readAnswer(answer, config));
      } catch (error) {
        if (!(error instanceof EgressError || error instanceof UnusableAnswer)) throw error;
        failed.add();
        const detail = error.message;
        if (config.onFailure === 'refuse') throw new Refusal('callout_failed', { host, detail });
        message.note({ host, detail });
      } finally {
        running -= 1;
        message.note({ calloutMs: Math.round(clock.monotonic() - startedAt) });
      }
      return undefined;
    };
    return { [context.phase]: callout };
  },
};

function send(egress: Egress, config: Config, { url, headers, body }: CalloutRequest): Promise<EgressAnswer> {
  return egress.fetch(url, {
    method: config.method,
    headers,
    ...(body !== undefined && { body }),
    limitBytes: config.limitBytes,
    timeoutMs: config.timeoutMs,
    purpose: 'service callout',
  });
}

/** The host as it is set: it never holds what a request said. */
function hostIn(url: string): string {
  return /^(?:https?:\/\/)?([^/?]*)/.exec(url)?.[1] ?? '';
}
