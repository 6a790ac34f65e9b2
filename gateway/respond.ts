import type { Refusal } from '#core/errors';
import type { HttpResponse } from '#core/message';
import type { Exchange } from './exchange.ts';

// How an answer reaches the connection: a small one as head and body in one write, every other as it comes.

/**
 * Settles the head of a streaming answer. It waits for what the target's parser has at hand already, at most to the end of this turn of
 * the event loop: an event stream's head goes out at once.
 */
export function commitHead(exchange: Exchange, fields: string[]): void {
  fields.push('X-Request-Id', exchange.requestId);
  exchange.committed = true;
  exchange.heldHeaders = fields;
  process.nextTick(flushHead, exchange);
}

function flushHead(exchange: Exchange): void {
  if (!exchange.closed) startAnswer(exchange, true);
}

function startAnswer(exchange: Exchange, flush: boolean): void {
  const held = exchange.heldHeaders;
  if (held === undefined) return;
  exchange.heldHeaders = undefined;
  exchange.http.start(exchange.status, held, flush);
}

/** Passes a chunk of the target's body on; a chunk that is the whole body goes out together with the head. */
export function passChunk(exchange: Exchange, chunk: Buffer): void {
  exchange.responseBytes += chunk.length;
  const held = exchange.heldHeaders;
  if (held !== undefined && chunk.length === exchange.answerLength) {
    exchange.heldHeaders = undefined;
    exchange.ended = true;
    exchange.http.send(exchange.status, held, chunk);
    return;
  }
  startAnswer(exchange, false);
  if (!exchange.http.write(chunk)) exchange.running?.pause();
}

/** The target's answer is complete. */
export function passEnd(exchange: Exchange): void {
  if (exchange.ended) return;
  exchange.ended = true;
  const held = exchange.heldHeaders;
  if (held === undefined) {
    exchange.http.end();
    return;
  }
  exchange.heldHeaders = undefined;
  exchange.http.send(exchange.status, held, undefined);
}

/** Sends an answer that is at hand: a policy's, a refusal, an echo. */
export function sendWhole(exchange: Exchange, response: HttpResponse): void {
  const { body, headers, status } = response;
  for (const name of HOP_BY_HOP) headers.remove(name);
  const isBodiless = status === 204 || status === 304 || status < 200;
  if (isBodiless) headers.remove('content-length');
  else headers.set('Content-Length', String(body === undefined ? 0 : Buffer.byteLength(body)));
  headers.set('X-Request-Id', exchange.requestId);
  exchange.committed = true;
  exchange.ended = true;
  exchange.responseBytes = body === undefined || isBodiless ? 0 : Buffer.byteLength(body);
  exchange.http.send(status, headers.raw, isBodiless ? undefined : body);
}

const HOP_BY_HOP = ['connection', 'transfer-encoding', 'keep-alive', 'upgrade', 'trailer'] as const;

/** The target broke off. What was sent cannot be taken back: the connection is broken, so that half an answer is not taken for a whole one. */
export function breakOff(exchange: Exchange, refusal: Refusal): void {
  exchange.refusal ??= refusal;
  exchange.ended = true;
  exchange.http.destroy();
}
