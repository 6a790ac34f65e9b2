import * as z from 'zod';
import type { TargetCheck, TryAnswer, TryRequest } from '#core/model/try';
import { targetCheck } from '#core/model/try';
import { ProblemError } from '#core/problem';
import { TARGET_CHECK_PATH, TRY_TOKEN_PATH } from '#core/try-ticket';
import { demandOn } from '../access/principal.ts';
import type { ManagerContext } from '../context.ts';
import { findLive } from '../deployments/placement.ts';
import { getVersion } from '../deployments/versions.ts';
import { getProjectRow } from '../records/project.ts';
import { getServerGroup } from '../records/server-group.ts';
import { getSubscriptionRow } from '../records/subscription.ts';
import { type Actor, change } from '../unit-of-work.ts';
import { requestParts } from './request-parts.ts';
import { tokenPlaceOf } from './token-place.ts';
import { openWay, type Way } from './way.ts';

const TRY_LIMIT_MS = 30_000;
const INTERNAL_LIMIT_MS = 10_000;
const minted = z.object({ token: z.string().optional(), problem: z.string().optional() });

/**
 * Makes a call to what is deployed on a server group, through one of its gateways, with a ticket. The audit entry is written before: who tried
 * is known whatever becomes of it.
 * @throws ProblemError `forbidden`, `not_found`, `state_conflict`, `gateway_unreachable`, `gateway_timed_out`, `gateway_tls_failed`
 */
export async function tryIt(context: ManagerContext, actor: Actor, request: TryRequest): Promise<TryAnswer> {
  const { read } = context.db;
  const group = await getServerGroup(read, request.serverGroup);
  demandOn(actor, 'try:write', group);
  const project = await getProjectRow(read, request.project);
  const live = await findLive(read, { project, group });
  if (live === undefined)
    throw new ProblemError('state_conflict', `${project.display_name} does not run on ${group.displayName}.`, {
      fixes: [{ text: 'Deploy it.', command: `gatewright deploy ${project.name} --to ${group.name}` }],
    });
  const subscription =
    request.subscription === undefined ? undefined : await getSubscriptionRow(read, request.subscription);
  const { snapshot } = await getVersion(read, project, live.version);
  const way = await openWay(context, { group, name: request.gateway, by: actor.name });
  const as = subscription === undefined ? '' : ` as ${subscription.name}`;
  await change(context, actor, async (unit) =>
    unit.audit({
      ...{ objectKind: 'project', objectId: project.id, objectName: project.name },
      sentence: `${request.method} on ${project.name} was tried on ${group.name}${as}.`,
      after: {
        ...{ serverGroup: group.name, gateway: way.gateway.name, method: request.method, resource: request.resource },
        subscription: subscription?.name,
      },
    }),
  );

  const startedAt = context.clock.monotonic();
  const value = subscription === undefined ? request.token : await mint(way, subscription);
  const tokenMs = subscription === undefined ? undefined : context.clock.monotonic() - startedAt;
  const at = tokenPlaceOf(snapshot);
  const token = value === undefined ? undefined : { value, at };
  const parts = requestParts(request, snapshot.project.contextPath, token);
  const host = snapshot.project.hosts[0] ?? hostOf(group.publicUrl) ?? way.address.authority;
  const answer = await way.call({ use: 'try' }, { method: request.method, host, ...parts, timeoutMs: TRY_LIMIT_MS });
  const origin = group.publicUrl === '' ? way.gateway.address : group.publicUrl;
  return {
    ...(answer.requestId !== undefined && { requestId: answer.requestId }),
    gateway: way.gateway.name,
    // Without the token that was minted, wherever it was put.
    url: `${origin}${requestParts(request, snapshot.project.contextPath, undefined).target}`,
    status: answer.status,
    headers: [...answer.headers],
    ...shownBody(answer.body, answer.contentType),
    bytes: answer.body.length,
    isCut: answer.isCut,
    timing: {
      ...(tokenMs !== undefined && { tokenMs: rounded(tokenMs) }),
      firstByteMs: rounded(answer.firstByteMs),
      totalMs: rounded(answer.totalMs),
    },
    ...(token !== undefined && { tokenIn: at.place }),
  };
}

/**
 * Lets a gateway of a group ask a target once. It tells status class and time only (decision 25).
 * @throws ProblemError `not_found`, `gateway_unreachable`, `gateway_timed_out`, `gateway_tls_failed`
 */
export async function checkTarget(
  context: ManagerContext,
  actor: Actor,
  { url, serverGroup }: { readonly url: string; readonly serverGroup: string },
): Promise<TargetCheck> {
  const group = await getServerGroup(context.db.read, serverGroup);
  const way = await openWay(context, { group, name: undefined, by: actor.name });
  await change(context, actor, async (unit) =>
    unit.audit({
      ...{ objectKind: 'server-group', objectId: group.id, objectName: group.name },
      sentence: `The target ${url} was asked from ${group.name}.`,
    }),
  );
  return targetCheck.parse(await callInternal(way, TARGET_CHECK_PATH, { use: 'check', url }));
}

async function mint(way: Way, subscription: { readonly id: string; readonly name: string }): Promise<string> {
  const answer = await callInternal(way, TRY_TOKEN_PATH, { use: 'token', subscriptionId: subscription.id });
  const { token, problem } = minted.parse(answer);
  if (token !== undefined) return token;
  throw new ProblemError('state_conflict', `No token for ${subscription.name}: ${problem ?? 'the gateway gave none.'}`);
}

async function callInternal(way: Way, target: string, use: Parameters<Way['call']>[0]): Promise<unknown> {
  const { authority: host } = way.address;
  const call = { method: 'POST', target, host, headers: [], body: '', timeoutMs: INTERNAL_LIMIT_MS };
  const { status, body } = await way.call(use, call);
  if (status === 200) return JSON.parse(body.toString('utf8'));
  throw new ProblemError(
    'gateway_unreachable',
    `The gateway ${way.gateway.name} answered ${status} to the manager. Do the clocks of both machines agree?`,
  );
}

function hostOf(publicUrl: string): string | undefined {
  return publicUrl === '' ? undefined : new URL(publicUrl).host;
}

function shownBody(body: Buffer, contentType: string): Pick<TryAnswer, 'body' | 'encoding'> {
  const isText =
    contentType === '' ||
    /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml|javascript|x-www-form-urlencoded|x-ndjson|problem\+json))/i.test(
      contentType,
    );
  if (isText) {
    // A character may have been cut in two at the end.
    const text = body.toString('utf8');
    if (!text.slice(0, -1).includes('\ufffd')) return { body: text.replace(/\ufffd$/, ''), encoding: 'text' };
  }
  return { body: body.toString('base64'), encoding: 'base64' };
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
