// A reverse proxy as node:http alone gives it: a server in front, a kept-alive agent behind, streams piped.
import { Agent, createServer, request } from 'node:http';

const upstream = new URL(process.env.UPSTREAM ?? '');
const agent = new Agent({ keepAlive: true, maxSockets: 128 });

const server = createServer((incoming, answer) => {
  const outgoing = request(
    {
      host: upstream.hostname,
      port: upstream.port,
      agent,
      method: incoming.method,
      path: incoming.url,
      headers: { ...incoming.headers, connection: 'keep-alive', 'x-forwarded-for': incoming.socket.remoteAddress },
    },
    (response) => {
      const { connection: _connection, 'keep-alive': _keepAlive, ...headers } = response.headers;
      answer.writeHead(response.statusCode ?? 502, headers);
      response.pipe(answer);
    },
  );
  outgoing.on('error', () => {
    if (!answer.headersSent) answer.writeHead(502);
    answer.end();
  });
  if (incoming.method === 'GET' || incoming.method === 'HEAD') outgoing.end();
  else incoming.pipe(outgoing);
});

server.listen(0, '127.0.0.1', 4096, () => {
  const address = server.address();
  if (typeof address === 'object') console.log(JSON.stringify({ port: address?.port }));
});
