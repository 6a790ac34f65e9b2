// The least that a token end point does over node:http: read a form, check a hashed secret, hash a random token, answer.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const clientId = process.env.CLIENT_ID ?? '';
const secretHash = hash('sha256', process.env.CLIENT_SECRET ?? '', 'buffer');
const kept = new Set<string>();

const server = createServer((incoming, answer) => {
  let body = '';
  incoming.setEncoding('utf8');
  incoming.on('data', (chunk: string) => {
    body += chunk;
  });
  incoming.on('end', () => {
    const form = new URLSearchParams(body);
    const right =
      form.get('grant_type') === 'client_credentials' &&
      form.get('client_id') === clientId &&
      timingSafeEqual(hash('sha256', form.get('client_secret') ?? '', 'buffer'), secretHash);
    const token = randomBytes(32).toString('base64url');
    // A bounded memory: the reference is about the work of one request, not of a store.
    if (kept.size >= 10_000) kept.clear();
    kept.add(hash('sha256', token));
    const content = JSON.stringify(
      right ? { access_token: token, token_type: 'Bearer', expires_in: 3600 } : { error: 'invalid_client' },
    );
    answer.writeHead(right ? 200 : 401, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(content),
      'cache-control': 'no-store',
    });
    answer.end(content);
  });
});

server.listen(0, '127.0.0.1', 4096, () => {
  const address = server.address();
  if (typeof address === 'object') console.log(JSON.stringify({ port: address?.port }));
});
