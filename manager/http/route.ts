import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isPermission } from '#core/model/role';
import { ProblemError } from '#core/problem';
import type { Authentication } from '../access/authenticate.ts';
import type { Cookies } from '../access/cookie.ts';
import { addressOf, demand } from '../access/principal.ts';
import type { ManagerContext } from '../context.ts';
import type { Browser, IfMatch, Operation } from '../operation.ts';
import type { Actor } from '../unit-of-work.ts';
import { guardStream } from './stream-guard.ts';
import { problemDetails, validationFailed } from './validation.ts';

/** What operations are put on an app with. */
export interface Registration {
  readonly context: ManagerContext;
  readonly operations: readonly Operation[];
  readonly authentication: Authentication;
}

/** Where the management API begins. */
export const API_PREFIX = '/api/v1';

/**
 * Puts operations on an app: each one's route, checks and documentation come from its data. Expects `request.principal` to be set.
 * @throws Error when an operation names no permission that exists, or two have one id
 */
export function registerOperations(app: FastifyInstance, { context, operations, authentication }: Registration): void {
  const ids = new Set<string>();
  for (const operation of operations) {
    if (!isPermission(operation.permission ?? ''))
      throw new Error(`The operation ${operation.id} names no permission.`);
    if (ids.has(operation.id)) throw new Error(`Two operations have the id ${operation.id}.`);
    ids.add(operation.id);
    registerOperation(app, { context, authentication, operation });
  }
}

function registerOperation(
  app: FastifyInstance,
  { context, authentication, operation }: Omit<Registration, 'operations'> & { readonly operation: Operation },
): void {
  app.route({
    method: operation.method,
    url: API_PREFIX + operation.path,
    config: { operation },
    ...(operation.bodyLimitBytes === undefined ? {} : { bodyLimit: operation.bodyLimitBytes }),
    onRequest: async (request) => {
      if (operation.permission === 'open') return;
      if (request.principal === undefined) throw new ProblemError('unauthenticated', 'Sign in.');
      demand(request.principal, operation.permission);
    },
    handler: async (request, reply) => {
      const answer = await operation.handler({
        context,
        actor: actorOf(request, operation),
        ...parseRequest(request, operation),
        ifMatch: operation.ifMatch ? parseIfMatch(request.headers['if-match']) : '*',
        address: addressOf(request),
        principal: request.principal,
        browser: browserOf(request, operation, authentication.cookies),
        signal: abortedWith(reply),
      });
      if (answer.revision !== undefined) reply.header('etag', `"${answer.revision}"`);
      if (answer.location !== undefined) reply.header('location', API_PREFIX + answer.location);
      for (const cookie of answer.cookies ?? []) reply.header('set-cookie', cookie);
      if (answer.redirect !== undefined) return reply.redirect(answer.redirect, 303);
      reply.code(answer.status ?? operation.status);
      if (answer.fileName !== undefined)
        reply.header('content-disposition', `attachment; filename="${answer.fileName}"`);
      if (answer.body instanceof Readable) {
        guardStream({ request, reply }, authentication);
        return reply.type(answer.media ?? operation.media).send(answer.body);
      }
      if (operation.response === undefined) return reply.send();
      // What leaves is what is documented: an answer of another shape is our bug, and it does not get out.
      return reply.type(operation.media).send(Buffer.from(JSON.stringify(operation.response.parse(answer.body))));
    },
  });
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The operation behind a route of the management API. */
    operation?: Operation;
  }
}

function actorOf(request: FastifyRequest, operation: Operation): Actor {
  const { principal } = request;
  return {
    name: principal?.name ?? 'anonymous',
    via: principal?.via ?? 'api',
    operation: operation.id,
    keyId: principal?.keyId,
    requestId: request.id,
    grants: principal?.grants ?? [],
  };
}

/** Cookies count where they said who calls, or where nobody is asked: beside a key they say nothing. */
function browserOf(request: FastifyRequest, operation: Operation, cookies: Cookies): Browser {
  const isAsked = operation.permission === 'open' || request.principal?.sessionId !== undefined;
  return {
    userAgent: request.headers['user-agent'] ?? '',
    sessionSecret: isAsked ? cookies.readSession(request) : undefined,
    transaction: operation.permission === 'open' ? cookies.readTransaction(request) : undefined,
  };
}

/** Everything that is wrong with parameters, query and body, at once. */
function parseRequest(
  request: FastifyRequest,
  operation: Operation,
): { params: unknown; query: unknown; body: unknown } {
  const params = operation.params.safeParse(request.params);
  if (!params.success) throw new ProblemError('not_found', 'There is nothing of that name.');
  const query = operation.query.safeParse(request.query);
  const body = operation.body?.safeParse(request.body ?? {});
  const errors = [
    ...(query.success ? [] : problemDetails(query.error.issues, operation.query, '/query')),
    ...(body === undefined || body.success || operation.body === undefined
      ? []
      : problemDetails(body.error.issues, operation.body)),
  ];
  if (errors.length > 0) throw validationFailed(errors);
  return { params: params.data, query: query.data, body: body?.data };
}

function parseIfMatch(header: string | undefined): IfMatch {
  if (header === undefined || header === '')
    throw new ProblemError(
      'revision_missing',
      'Send If-Match with the ETag that you have read, e.g. If-Match: "3", or If-Match: * to change it whatever it is now.',
    );
  if (header.trim() === '*') return '*';
  const revision = /^\s*"(\d{1,15})"\s*$/.exec(header)?.[1];
  if (revision === undefined)
    throw new ProblemError('revision_mismatch', 'If-Match must be one ETag of this API, e.g. "3", or *.');
  return Number(revision);
}

function abortedWith(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort());
  return controller.signal;
}
