import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { UnavailableError } from '#core/errors';
import { ownerQuestion } from '#core/owner-question';
import { ProblemError } from '#core/problem';
import { isLetterPublicKey } from '#core/sealed-letter';
import type { ManagerContext } from '../context.ts';
import type { ReportIdentity, TakenReport } from '../exchanges/report.ts';
import { streamFeed } from '../feed/stream.ts';
import { parseWith } from '../http/validation.ts';
import { answerOwnerQuestion } from '../owners/answer.ts';
import { getServerGroup } from '../records/server-group.ts';
import { lettersFor } from './letters.ts';
import type { GatewayOrder } from './members.ts';

const REPORT_LIMIT_BYTES = 16 * 1024 * 1024;
const QUESTION_LIMIT_BYTES = 65_536;

const place = {
  epoch: z.string().max(128).optional(),
  since: z.coerce.number().int().min(0).default(0),
  /** The gateway's public key: what only it may read is sealed to it. */
  sealTo: z.string().max(128).refine(isLetterPublicKey, 'This is no public key of a gateway.').optional(),
};
const ownWords = z.strictObject({
  serverGroup: z.string().min(1).max(128),
  gatewayId: z.string().min(1).max(128),
  ...place,
});
/** Behind a certificate nothing is read of who it says it is. */
const certifiedWords = z.object(place);

/** A gateway that showed a certificate. */
export interface CertifiedGateway extends ReportIdentity {
  /** True when this certificate is let in no more. */
  isOver(): boolean;
}

/** How the caller of a request is known; undefined: by what it says, which only the Unix socket may believe. */
export type Identify = (request: FastifyRequest) => CertifiedGateway;

/**
 * What gateways ask the manager: the change feed, and to take their reports. What the feed hands out is the whole configuration: the routes
 * are for the Unix socket, whose file nobody else may open, and for the listener that demands a gateway's certificate.
 */
export function registerInternal(app: FastifyInstance, context: ManagerContext, identify?: Identify): void {
  const { db, clock, services } = context;

  app.get('/internal/v1/feed', async (request, reply) => {
    const certified = identify?.(request);
    const { epoch, since, sealTo, ...said } = certified
      ? { ...certified, ...parseWith(certifiedWords, request.query, '/query') }
      : parseWith(ownWords, request.query, '/query');
    const { gatewayId, serverGroup } = certified ?? said;
    refuseRemoved(context, gatewayId);
    const { id: serverGroupId } = await getServerGroup(db.read, serverGroup);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const lines = streamFeed(
      { db, clock, signal: services.feedSignal },
      {
        ...{ gatewayId, serverGroupId, epoch: epoch || undefined, since },
        rewrite: lettersFor(context, sealTo),
        // A gateway that does not know letters does not know orders either: it is of an older version.
        ...(sealTo !== undefined && {
          order: (): GatewayOrder => (certified?.isOver() === true ? 'removed' : services.members.orderOf(gatewayId)),
        }),
      },
      gone.signal,
    );
    return reply.type('application/x-ndjson').send(Readable.from(lines, { objectMode: false }));
  });

  app.post('/internal/v1/resource-owners', { bodyLimit: QUESTION_LIMIT_BYTES }, async (request) => {
    identify?.(request);
    return answerOwnerQuestion(context, parseWith(ownerQuestion, request.body));
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
      const certified = identify?.(request);
      const identity = certified && {
        ...{ gatewayId: certified.gatewayId, name: certified.name, serverGroup: certified.serverGroup },
      };
      const taken = await takeReport(context, String(request.body), identity);
      if (!taken.ok) throw new ProblemError('validation_failed', taken.problem);
      refuseRemoved(context, taken.head.gatewayId);
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

/** 410 tells a gateway that it was removed and need not come back. @throws ProblemError `gateway_removed` */
function refuseRemoved({ services }: ManagerContext, gatewayId: string): void {
  if (services.members.orderOf(gatewayId) === 'removed')
    throw new ProblemError('gateway_removed', 'This gateway was removed from its server group.');
}

/** Hands a report to the exchange log. @throws ProblemError `unavailable` when its thread does not answer: the gateway sends it again */
async function takeReport(
  { services, clock }: ManagerContext,
  text: string,
  identity: ReportIdentity | undefined,
): Promise<TakenReport> {
  try {
    return await services.exchanges.takeReport(text, clock.now(), identity);
  } catch (error) {
    if (error instanceof UnavailableError) throw new ProblemError('unavailable', error.message);
    throw error;
  }
}
