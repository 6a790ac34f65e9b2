import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { API_PREFIX } from './route.ts';

/** What somebody sees who opens the manager's address, or the setup link, with a browser or curl: what to do next. */
export function registerWelcome(app: FastifyInstance): void {
  app.get('/', async (request, reply) => {
    const origin = originOf(request);
    reply.type('text/plain; charset=utf-8');
    return [
      'This is the manager of Gatewright.',
      '',
      `The management API is at ${origin}${API_PREFIX}; its description (OpenAPI 3.1): ${origin}${API_PREFIX}/openapi.json`,
      'On this machine the command line needs no key: gatewright status',
      `From elsewhere: GATEWRIGHT_SERVER=${origin} GATEWRIGHT_TOKEN=gwm_… gatewright status`,
      '',
    ].join('\n');
  });
  app.get<SetupRoute>('/setup/:token', async (request, reply) => answerSetupWords(request, reply));
}

/** A route with the token of a setup link in its path. */
export interface SetupRoute {
  Params: { token: string };
}

/** What whoever opens the setup link gets who has no browser at hand: how to redeem it without one. */
export function answerSetupWords(request: FastifyRequest<SetupRoute>, reply: FastifyReply): string {
  // The token is only echoed when it looks like one: what stands here is copied into a shell.
  const token = /^[0-9A-Za-z]{1,100}$/.test(request.params.token) ? request.params.token : 'TOKEN';
  reply.type('text/plain; charset=utf-8');
  return [
    'This link works once. Open it in a browser to make the first administrator; or make a first management key with it:',
    '',
    `  curl -X POST ${originOf(request)}${API_PREFIX}/setup -H 'Content-Type: application/json' -d '{"token":"${token}"}'`,
    '',
    'The answer has the key; it is shown this once. On this machine the command line works without a key: gatewright status',
    '',
  ].join('\n');
}

function originOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.headers.host ?? 'localhost'}`;
}
