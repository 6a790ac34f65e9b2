import { Readable } from 'node:stream';
import * as z from 'zod';
import { UnavailableError } from '#core/errors';
import { monitor } from '#core/model/overview/traffic';
import { ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import { wrongValue } from '../http/validation.ts';
import { streamTraffic } from '../metrics/live.ts';
import { readMonitor } from '../metrics/monitor.ts';
import { operation, streamed } from '../operation.ts';

const DEFAULT_RANGE_MS = 30 * 60_000;
const LONGEST_RANGE_MS = 400 * 86_400_000;

const places = {
  serverGroup: z.string().max(128).optional().describe('Name or id of the server group; left out: all.'),
  project: z.string().max(128).optional().describe('Name or id of the project; left out: all.'),
};
const instant = z.coerce.number().int().min(0).max(8.64e15).optional();

/** The Monitor: what the traffic is and was. */
export const metricsOperations = [
  operation({
    id: 'metrics.monitor',
    method: 'GET',
    path: '/metrics/monitor',
    permission: 'metrics:read',
    summary: 'Read the traffic of a stretch of time: counts, latencies, reasons, clients, deployments, notices.',
    query: z.strictObject({
      ...places,
      from: instant.describe('Begin, epoch ms; left out: half an hour before the end.'),
      to: instant.describe('End, epoch ms; left out: now.'),
    }),
    response: monitor,
    handler: async ({ context, query }) => {
      const to = query.to ?? context.clock.now();
      const from = query.from ?? to - DEFAULT_RANGE_MS;
      if (from >= to) throw wrongValue('/query/from', 'range_wrong', 'The begin must be before the end.');
      if (to - from > LONGEST_RANGE_MS) throw wrongValue('/query/from', 'range_wrong', 'Ask for 400 days at most.');
      try {
        return { body: await readMonitor(context, { ...(await namesOf(context, query)), from, to }) };
      } catch (error) {
        if (error instanceof UnavailableError) throw new ProblemError('unavailable', error.message);
        throw error;
      }
    },
  }),
  operation({
    id: 'metrics.live',
    method: 'GET',
    path: '/metrics/live',
    permission: 'metrics:read',
    summary: 'Follow the traffic as server-sent events: the newest buckets of 5 s, and when there are new records.',
    query: z.strictObject(places),
    media: 'text/event-stream',
    response: streamed,
    handler: async ({ context, query, actor, principal, signal }) => {
      const live = streamTraffic(context, await namesOf(context, query), { principal, signal });
      const who = principal?.sessionId ?? principal?.keyId ?? actor.name;
      return { body: Readable.from(context.services.liveStreams.hold(who, live, signal), { objectMode: false }) };
    },
  }),
];

/** Counts are kept by name: what was asked by id is looked up. */
async function namesOf(
  { db }: ManagerContext,
  { project, serverGroup }: { readonly project?: string | undefined; readonly serverGroup?: string | undefined },
): Promise<{ project?: string | undefined; serverGroup?: string | undefined }> {
  const [knownProject, knownGroup] = await Promise.all([
    project === undefined
      ? undefined
      : db.read.selectFrom('projects').select('name').where('id', '=', project).executeTakeFirst(),
    serverGroup === undefined
      ? undefined
      : db.read.selectFrom('server_groups').select('name').where('id', '=', serverGroup).executeTakeFirst(),
  ]);
  return { project: knownProject?.name ?? project, serverGroup: knownGroup?.name ?? serverGroup };
}
