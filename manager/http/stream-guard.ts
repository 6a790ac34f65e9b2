import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Authentication, authenticate } from '../access/authenticate.ts';
import { demand } from '../access/principal.ts';

/** Streams that end by themselves, with a word why, do so sooner. */
const ASK_EVERY_MS = 10_000;

/**
 * Ends a stream whose reader may no longer have it: a session, key or role can end while it is open. Asking does not count as use.
 * On the socket there is nothing to ask.
 */
export function guardStream(
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  deps: Authentication,
  askEveryMs = ASK_EVERY_MS,
): void {
  if (request.principal === undefined || request.principal.via === 'socket') return;
  const { operation } = request.routeOptions.config;
  const quiet: Authentication = {
    ...deps,
    lastUsed: { ...deps.lastUsed, noteKey: () => {}, noteSession: () => {} },
  };
  const ask = async (): Promise<void> => {
    try {
      const principal = await authenticate(quiet, request);
      if (operation !== undefined) demand(principal, operation.permission);
    } catch {
      reply.raw.destroy();
    }
  };
  const timer = setInterval(() => void ask(), askEveryMs).unref();
  reply.raw.once('close', () => clearInterval(timer));
}
