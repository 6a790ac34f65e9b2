import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { newId } from '#core/id';
import { PROBLEM_MEDIA_TYPE, ProblemError } from '#core/problem';
import { type Authentication, authenticate } from '../access/authenticate.ts';
import { addressOf, localPrincipal } from '../access/principal.ts';
import { TooManyTries } from '../access/tries.ts';
import type { ManagerContext } from '../context.ts';
import type { Operation } from '../operation.ts';
import type { Certificates } from './certificate.ts';
import { ASSETS_PREFIX, findConsole, registerConsole } from './console.ts';
import { parseJsonBody } from './json-body.ts';
import { checkOneMeaning } from './one-meaning.ts';
import { checkBrowser, createOriginCheck } from './origin-check.ts';
import { asProblem, problemAnswer } from './problem-answer.ts';
import { API_PREFIX, registerOperations } from './route.ts';
import { matchMethods } from './route-match.ts';
import { registerWelcome } from './welcome.ts';

const BODY_LIMIT_BYTES = 1024 * 1024;
const CALLERS_KEPT = 10_000;

/** What an app is made of. */
export interface AppParts {
  readonly context: ManagerContext;
  readonly operations: readonly Operation[];
  readonly authentication: Authentication;
  /** `api`: the TCP listener, where callers show a key. `socket`: the Unix socket, where the file's mode says who may. */
  readonly via: 'api' | 'socket';
  /** Undefined: plain HTTP. */
  readonly tls: Certificates['serverOptions'] | undefined;
  /** Registers what only this app has. */
  readonly also?: (app: FastifyInstance) => void;
}

/** The app of one listener: the same operations, and what that listener demands of a request before they run. */
export async function createApp(parts: AppParts): Promise<FastifyInstance> {
  const { context, via } = parts;
  const app = newApp(parts);
  app.decorateRequest('principal', undefined);
  registerBodies(app);
  registerProblems(app, parts);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    reply.header('cache-control', 'no-store');
  });
  countAnswers(app, parts);
  if (via === 'socket')
    app.addHook('onRequest', async (request) => void Object.assign(request, { principal: localPrincipal }));
  else await registerGuards(app, parts);
  registerOperations(app, parts);
  const files = via === 'api' ? findConsole(context.options.consoleDir) : undefined;
  if (files === undefined) registerWelcome(app);
  else await registerConsole(app, files, context.random);
  parts.also?.(app);
  return app;
}

function newApp(parts: AppParts): FastifyInstance {
  const { context, tls } = parts;
  const options = {
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    genReqId: () => newId('req', context.random),
    requestIdHeader: false,
    return503OnClosing: true,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: false },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      void answerProblem(parts, { error, request, reply }),
  } as const;
  // Two server types make two app types; what is used of them here is the same.
  if (tls === undefined) return Fastify<Server>(options) as FastifyInstance;
  return Fastify<TlsServer>({ ...options, https: { ...tls } }) as unknown as FastifyInstance;
}

/** Counts answers by listener and class of status: `{via="api",status="4xx"}`. */
function countAnswers(app: FastifyInstance, { context, via }: AppParts): void {
  const classes = ['1xx', '2xx', '3xx', '4xx', '5xx'];
  const counters = classes.map((status) =>
    context.metrics.counter('manager_requests_total', 'Answers of the management API', { via, status }),
  );
  app.addHook('onResponse', async (_, reply) => counters[Math.floor(reply.statusCode / 100) - 1]?.add());
}

function registerBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    /^application\/(?:[\w.-]+\+)?json(?:\s*;|\s*$)/i,
    { parseAs: 'buffer' },
    async (_: FastifyRequest, body: Buffer) => parseJsonBody(body),
  );
}

function registerProblems(app: FastifyInstance, parts: AppParts): void {
  app.setErrorHandler((error, request, reply) => answerProblem(parts, { error, request, reply }));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    const methods = matchMethods(parts.operations, path.slice(API_PREFIX.length));
    const isKnown = path.startsWith(`${API_PREFIX}/`) && methods.length > 0;
    if (isKnown) reply.header('allow', methods.join(', '));
    const error = isKnown
      ? new ProblemError('method_not_allowed', `Here there is: ${methods.join(', ')}.`)
      : new ProblemError('not_found', `There is nothing at ${path.slice(0, 200)}. The API is at ${API_PREFIX}.`);
    return answerProblem(parts, { error, request, reply });
  });
}

/** What callers over the network must get past: host and origin, a key, the rate. */
async function registerGuards(app: FastifyInstance, parts: AppParts): Promise<void> {
  const { context, authentication } = parts;
  const checkOrigin = createOriginCheck(context.options);
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    hsts: parts.tls !== undefined,
    referrerPolicy: { policy: 'no-referrer' },
  });
  app.addHook('onRequest', async (request) => {
    checkOneMeaning(request);
    checkOrigin(request);
    const { operation } = request.routeOptions.config;
    if (operation === undefined || operation.permission === 'open') return;
    request.principal = await authenticate(authentication, request);
    if (request.principal.sessionId !== undefined) checkBrowser(request, authentication.cookies);
  });
  await app.register(rateLimit, {
    global: true,
    hook: 'preParsing',
    max: context.options.requestsPerSecond,
    timeWindow: 1000,
    cache: CALLERS_KEPT,
    // A page of the console brings dozens of files at once; they cost nothing but a read.
    allowList: (request) => request.url.startsWith(ASSETS_PREFIX),
    keyGenerator: (request) =>
      request.principal?.keyId ?? request.principal?.sessionId ?? `address ${addressOf(request)}`,
    errorResponseBuilder: () =>
      new ProblemError(
        'too_many_requests',
        `A key or session may make ${context.options.requestsPerSecond} requests a second. Try again in a second.`,
      ),
    addHeadersOnExceeding: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
    addHeaders: {
      'x-ratelimit-limit': false,
      'x-ratelimit-remaining': false,
      'x-ratelimit-reset': false,
      'retry-after': true,
    },
  });
}

interface Failure {
  readonly error: unknown;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

async function answerProblem(parts: AppParts, { error, request, reply }: Failure): Promise<FastifyReply> {
  const known = asProblem(error);
  if (known === undefined)
    parts.context.logger.error(
      { err: error, requestId: request.id, route: request.routeOptions.url },
      'A request failed',
    );
  const problem = known ?? new ProblemError('internal_error', 'It was logged under the request id.');
  if (problem.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer realm="Gatewright management API"');
  if (problem instanceof TooManyTries) reply.header('retry-after', String(problem.retryAfterSeconds));
  if (problem.code === 'too_many_requests' && !reply.hasHeader('retry-after')) reply.header('retry-after', '60');
  // As bytes: to text Fastify adds a charset, which these media types do not have.
  const body = Buffer.from(JSON.stringify(problemAnswer(problem, request.id)));
  return reply.code(problem.status).type(PROBLEM_MEDIA_TYPE).send(body);
}

/** What is no HTTP at all never becomes a request; Node hands over the bare socket. */
function answerClientError(error: Error & { code?: string }, socket: import('node:net').Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const isTooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const status = isTooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request';
  const detail = isTooLarge ? 'The request line and headers are too large.' : 'This is not an HTTP request.';
  const body = JSON.stringify({
    type: '/errors/request_malformed',
    title: 'The request cannot be read.',
    status: isTooLarge ? 431 : 400,
    code: 'request_malformed',
    detail,
  });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: ${PROBLEM_MEDIA_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
