import type { Contestant } from '../../contestant.ts';
import { openNodeServer } from '../../node-server.ts';
import { peerServer } from '../../prerequisite.ts';

/** Fastify's proxy plug-in over undici. */
export const fastifyHttpProxy: Contestant = {
  name: 'fastify-http-proxy',
  about: '@fastify/http-proxy 11 on fastify 5',
  works: ['plain'],
  prepare: (prerequisites) => prerequisites.installPeers(),
  open: (context) =>
    openNodeServer(
      {
        script: peerServer('fastify-http-proxy'),
        env: { UPSTREAM: context.upstream },
        work: 'plain',
        createRequest: (url) => ({ url: `${url}/plain/`, method: 'GET' }),
      },
      context,
    ),
};
