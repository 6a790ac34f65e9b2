import { HeaderList } from '#core/headers';
import type { Conduct } from '../conduct.ts';
import type { Exchange } from '../exchange.ts';

const BODY_LIMIT = 65_536;

/** Answers with what a target would have been sent: `echo:`, for trying out. A credential is shown as `…`. */
export function sendEcho(exchange: Exchange, conduct: Conduct, target: string): void {
  exchange.call = { target, url: 'echo:', outcome: 'answered', status: 200, tries: 1 };
  if (exchange.body === undefined) {
    conduct.answerWhole(exchange, echoOf(exchange, ''));
    return;
  }
  exchange.readBody(BODY_LIMIT).then(
    (body) => {
      if (!exchange.closed) conduct.answerWhole(exchange, echoOf(exchange, body.toString('utf8')));
    },
    (error: unknown) => conduct.fail(exchange, error),
  );
}

function echoOf(exchange: Exchange, body: string): { status: number; headers: HeaderList; body: string } {
  const headers: Record<string, string> = {};
  const { raw } = exchange.headers;
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    const value = raw[i + 1] ?? '';
    const shown = name === 'authorization' || name === 'cookie' ? redact(value) : value;
    headers[name] = headers[name] === undefined ? shown : `${headers[name]}, ${shown}`;
  }
  const echo = { method: exchange.method, path: exchange.targetPath || '/', query: exchange.query, headers, body };
  return { status: 200, headers: HeaderList.of({ 'Content-Type': 'application/json' }), body: JSON.stringify(echo) };
}

/** `Bearer abc` → `Bearer …` */
function redact(value: string): string {
  const space = value.indexOf(' ');
  return space === -1 ? '…' : `${value.slice(0, space)} …`;
}
