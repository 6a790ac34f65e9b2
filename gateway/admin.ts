import http from 'node:http';
import { ConfigurationError } from '#core/errors';

/** One thing that must be so for the gateway to take traffic. */
export interface ReadinessCheck {
  readonly name: string;
  readonly ok: boolean;
  /** It takes traffic, but not all is as it should be. */
  readonly isDegraded?: boolean;
  /** What is, in words. */
  readonly detail: string;
}

/** What the admin listener shows. */
export interface AdminDeps {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** The environment variable that sets the port: named when it is taken. */
  readonly variable: string;
  readiness(): readonly ReadinessCheck[];
  /** Prometheus text. */
  metrics(): Promise<string>;
}

/** The admin listener (decision 34). */
export interface AdminListener {
  /** Origin. */
  readonly address: string;
  close(): Promise<void>;
}

/** Starts it: `/healthz` (the process lives), `/readyz` (it should get traffic, with the checks), `/metrics`. @throws ConfigurationError when the port is taken */
export async function startAdminListener(deps: AdminDeps): Promise<AdminListener> {
  const server = http.createServer((request, response) => {
    answer(deps, request).then(
      ({ status, type, body }) => {
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
        response.end(request.method === 'HEAD' ? undefined : body);
      },
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? portTaken(deps) : error),
    );
    server.listen(deps.port, deps.host, resolve);
  });
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : deps.port;
  return {
    address: `http://${deps.host.includes(':') ? `[${deps.host}]` : deps.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portTaken({ host, port, variable }: AdminDeps): ConfigurationError {
  return new ConfigurationError(
    `The admin port ${port} on ${host} is in use. Choose another one (${variable}), or 0 for any.`,
    '/admin',
  );
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

async function answer(deps: AdminDeps, request: http.IncomingMessage): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'GET only.');
  switch ((request.url ?? '').split('?')[0]) {
    case '/healthz':
      return text(200, 'ok');
    case '/readyz': {
      const checks = deps.readiness();
      const isReady = checks.every(({ ok }) => ok);
      const state = isReady ? (checks.some(({ isDegraded }) => isDegraded) ? 'degraded' : 'ready') : 'not-ready';
      const body = JSON.stringify({ state, checks });
      return { status: isReady ? 200 : 503, type: 'application/json', body };
    }
    case '/metrics':
      return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: await deps.metrics() };
    default:
      return text(404, 'Here are /healthz, /readyz and /metrics.');
  }
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}\n` };
}
