import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { UnavailableError } from '#core/errors';
import { ProblemError } from '#core/problem';
import type { ManagerContext } from './context.ts';
import type { TakenReport } from './exchanges/report.ts';
import { streamFeed } from './feed/stream.ts';
import { parseWith } from './http/validation.ts';
import { getServerGroup } from './records/server-group.ts';

const REPORT_LIMIT_BYTES = 16 * 1024 * 1024;

const feedQuery = z.strictObject({
  serverGroup: z.string().min(1).max(128),
  gatewayId: z.string().min(1).max(128),
  epoch: z.string().max(128).optional(),
  since: z.coerce.number().int().min(0).default(0),
});

/**
 * The side that gateways speak to: the change feed and their reports. Only for the Unix socket, whose file nobody else may open; what it
 * hands out is the whole configuration.
 */
export function registerInternal(app: FastifyInstance, context: ManagerContext): void {
  const { db, clock, services } = context;

  app.get('/internal/v1/feed', async (request, reply) => {
    const { serverGroup, gatewayId, epoch, since } = parseWith(feedQuery, request.query, '/query');
    const { id: serverGroupId } = await getServerGroup(db.read, serverGroup);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const source = { db, clock, signal: services.feedSignal };
    const lines = streamFeed(source, { gatewayId, serverGroupId, epoch: epoch || undefined, since }, gone.signal);
    return reply.type('application/x-ndjson').send(Readable.from(lines, { objectMode: false }));
  });

  app.register(async (scope) => {
    // A report is parsed in the thread that stores it: it may be large.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'string', bodyLimit: REPORT_LIMIT_BYTES },
      (_, body, done) => done(null, body),
    );
    scope.post('/internal/v1/reports', { bodyLimit: REPORT_LIMIT_BYTES }, async (request) => {
      const taken = await takeReport(context, String(request.body));
      if (!taken.ok) throw new ProblemError('validation_failed', taken.problem);
      services.gateways.report(taken.head);
      services.secretUses.take(taken.head);
      if (taken.failure !== undefined) {
        context.logger.warn(
          { gateway: taken.head.name, problem: taken.failure },
          'Exchange records could not be written.',
        );
        throw new ProblemError('unavailable', 'The records could not be written. Send them again.');
      }
      return { ok: true };
    });
  });
}

/** Hands a report to the exchange log. @throws ProblemError `unavailable` when its thread does not answer: the gateway sends it again */
async function takeReport({ services, clock }: ManagerContext, text: string): Promise<TakenReport> {
  try {
    return await services.exchanges.takeReport(text, clock.now());
  } catch (error) {
    if (error instanceof UnavailableError) throw new ProblemError('unavailable', error.message);
    throw error;
  }
}
