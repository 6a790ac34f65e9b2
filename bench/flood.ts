import { fork } from 'node:child_process';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { base62 } from '#core/id';
import { systemRandom } from '#core/random';
import { findToken, send } from './answer.ts';
import { openChild } from './child.ts';
import { openProjects, type Projects } from './contestants/gatewright/project.ts';
import { createTokenRequest } from './node-server.ts';
import { rootDir } from './options.ts';
import { createTempDir } from './place.ts';

// What invented tokens do to live calls: `node bench/flood.ts`. A live client calls 200 times a second on 8 connections: first alone; then
// while another process sends 10 000 requests a second to a bare node:http server that refuses them all, which shows what the load itself
// costs on this machine; then while the same goes to the gateway as invented tokens. Told are the live calls' latencies, what the flood got,
// and how often the token store was asked. Bounded: about a minute, on loopback.

const FLOOD_PER_SECOND = 10_000;
const LIVE_PER_SECOND = 200;
const SECONDS = 8;

if (process.argv[2] === 'flood') await flood(process.argv[3] ?? '', process.argv[4] ?? '');
else if (process.argv[2] === 'bare') await bare(process.argv[3] ?? '');
else await run();

async function run(): Promise<void> {
  const place = createTempDir();
  const adminPort = await freePort();
  const env = {
    GATEWRIGHT_DATA_DIR: join(place.dir, 'data'),
    GATEWRIGHT_MANAGER_PORT: '0',
    GATEWRIGHT_GATEWAY_PORT: '0',
    GATEWRIGHT_ADMIN_PORT: String(adminPort),
    GATEWRIGHT_ADMIN_MANAGER_PORT: '0',
    GATEWRIGHT_WORKERS: '2',
  };
  const bin = join(rootDir, 'bin', 'gatewright');
  const server = await openChild({
    command: bin,
    args: ['start', '--json'],
    env,
    core: undefined,
    logPath: join(place.dir, 'log'),
  });
  try {
    const { gateway } = JSON.parse(await server.firstLine) as { gateway: string };
    await compare(await openProjects({ bin, env, gateway, upstream: await startBare(200) }), adminPort);
  } finally {
    await server.close();
    place.remove();
  }
  process.exit(0);
}

async function compare(made: Projects, adminPort: number): Promise<void> {
  const token = findToken((await send(createTokenRequest(made.tokenUrl, made.client))).body) ?? '';
  const lookUps = async () => {
    const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
    return Number(/^gatewright_token_store_lookups_total\S* (\d+)/m.exec(text)?.[1] ?? 0);
  };
  await callSteadily(`${made.apiUrl}/1`, token, 3);
  const alone = await callSteadily(`${made.apiUrl}/1`, token, SECONDS);
  const elsewhere = await callUnderFlood(made.apiUrl, token, await startBare(401));
  const askedBefore = await lookUps();
  const flooded = await callUnderFlood(made.apiUrl, token, made.apiUrl);
  const asked = (await lookUps()) - askedBefore;
  for (const [name, row] of Object.entries({ alone, elsewhere, flooded }))
    process.stdout.write(
      `${name.padEnd(10)} ${row.calls} live calls, ${row.failed} failed, p50 ${row.p50.toFixed(2)} ms, p99 ${row.p99.toFixed(2)} ms\n`,
    );
  const perSecond = Math.round((flooded.refused + flooded.other) / (SECONDS + 1));
  process.stdout.write(
    `flood      ${perSecond} refused a second (${flooded.other} of them with 503: short tokens past the budget); the store was asked ${asked} times\n`,
  );
  process.stdout.write(
    `p99 flooded / elsewhere ${(flooded.p99 / elsewhere.p99).toFixed(2)}, flooded / alone ${(flooded.p99 / alone.p99).toFixed(2)}\n`,
  );
}

interface Steady {
  readonly calls: number;
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
}

async function callUnderFlood(
  url: string,
  token: string,
  floodUrl: string,
): Promise<Steady & { refused: number; other: number }> {
  const child = fork(import.meta.filename, ['flood', floodUrl, String(SECONDS + 1)]);
  const sent = new Promise<{ refused: number; other: number }>((resolve) =>
    child.once('message', (message) => resolve(message as { refused: number; other: number })),
  );
  await sleep(500);
  const steady = await callSteadily(`${url}/1`, token, SECONDS);
  return { ...steady, ...(await sent) };
}

/** A server of its own process that gives every request this status, in about as many bytes as the gateway gives for a refusal. */
async function startBare(status: number): Promise<string> {
  const child = fork(import.meta.filename, ['bare', String(status)]);
  return new Promise((resolve) => child.once('message', (url) => resolve(String(url))));
}

async function bare(status: string): Promise<void> {
  const body = JSON.stringify({ type: '/errors/invalid_token', status: 401, filler: 'x'.repeat(90) });
  const server = createHttpServer((_, response) => {
    response.writeHead(Number(status), {
      'content-type': 'application/problem+json',
      'content-length': body.length,
      'www-authenticate': `Bearer realm="${'x'.repeat(80)}"`,
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.on('disconnect', () => process.exit(0));
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

/** Calls at a fixed rate; a late answer delays no later call, so that waiting is counted. */
async function callSteadily(url: string, token: string, seconds: number): Promise<Steady> {
  const dispatcher = new Agent({ connections: 8 });
  const took: number[] = [];
  let failed = 0;
  const underWay: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let i = 0; i < LIVE_PER_SECOND * seconds; i += 1) {
    const dueAt = startedAt + (i * 1000) / LIVE_PER_SECOND;
    const waitMs = dueAt - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    underWay.push(
      (async () => {
        const answer = await request(url, { headers: { authorization: `Bearer ${token}` }, dispatcher });
        await answer.body.dump();
        if (answer.statusCode !== 200) failed += 1;
        took.push(performance.now() - dueAt);
      })(),
    );
  }
  await Promise.all(underWay);
  await dispatcher.close();
  took.sort((a, b) => a - b);
  return {
    calls: took.length,
    failed,
    p50: took[Math.floor(took.length * 0.5)] ?? 0,
    p99: took[Math.floor(took.length * 0.99)] ?? 0,
  };
}

/** Sends invented tokens at a fixed rate on 8 connections, pipelined, and counts the answers. */
async function flood(url: string, seconds: string): Promise<void> {
  const { hostname, port, pathname } = new URL(url);
  const counts = { refused: 0, other: 0 };
  const sockets = Array.from({ length: 8 }, () => {
    const socket = connect(Number(port), hostname).setNoDelay().setEncoding('latin1');
    socket.on('data', (text: string | Buffer) => {
      for (const [, status] of String(text).matchAll(/HTTP\/1\.1 (\d{3})/g))
        counts[status === '401' ? 'refused' : 'other'] += 1;
    });
    socket.on('error', () => {});
    return socket;
  });
  const startedAt = performance.now();
  let sent = 0;
  while (performance.now() - startedAt < Number(seconds) * 1000) {
    const due = Math.floor(((performance.now() - startedAt) * FLOOD_PER_SECOND) / 1000);
    for (; sent < due; sent += 1) {
      const invented = base62(systemRandom, sent % 10 === 0 ? 40 : 54);
      sockets[sent % sockets.length]?.write(
        `GET ${pathname}/1 HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${invented}\r\n\r\n`,
      );
    }
    await sleep(2);
  }
  await sleep(300);
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => process.send?.(counts, undefined, {}, () => resolve()));
  process.exit(0);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
