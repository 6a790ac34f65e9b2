// @fastify/http-proxy in front of UPSTREAM: undici with kept-alive connections, no logging.
import proxy from '@fastify/http-proxy';
import Fastify from 'fastify';

const app = Fastify({ logger: false });
await app.register(proxy, {
  upstream: process.env.UPSTREAM,
  prefix: '/plain',
  rewritePrefix: '/plain',
  undici: { connections: 128, pipelining: 1 },
});
await app.listen({ host: '127.0.0.1', port: 0 });
console.log(JSON.stringify({ port: app.server.address().port }));
