import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import staticFiles from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Random } from '#core/random';
import { answerSetupWords, type SetupRoute } from './welcome.ts';

/** Where the console's files are, whose names change with their content. The rate limit is not about them. */
export const ASSETS_PREFIX = '/assets/';

const NONCE_BYTES = 16;
/** What Vite writes where the nonce goes. */
const NONCE_MARK = '__NONCE__';
/** What is no page of the console. */
const NO_PAGE = /^\/(?:api|internal|assets|\.well-known)\//;

/** The console as it was built. */
export interface ConsoleFiles {
  /** The folder of the build. */
  readonly folder: string;
  /** index.html: a template, with a mark where each answer's nonce goes. */
  readonly page: string;
}

/** The console in a folder; undefined when it was not built there. */
export function findConsole(folder: string | undefined): ConsoleFiles | undefined {
  if (folder === undefined) return undefined;
  const file = join(folder, 'index.html');
  return existsSync(file) ? { folder, page: readFileSync(file, 'utf8') } : undefined;
}

/**
 * Serves the console: its files, which never change under their names, and its page at every path that is not the API's. The page may run
 * our own scripts only, and styles only with the nonce that each answer has anew (console.md §12.9).
 */
export async function registerConsole(app: FastifyInstance, files: ConsoleFiles, random: Random): Promise<void> {
  await app.register(async (assets) => {
    // Paths that lead out of the folder, to a folder or to nothing that can be named are errors of the plugin: there is nothing there.
    assets.setErrorHandler((error: Error & { readonly statusCode?: number }, _, reply) => {
      if (error.statusCode === undefined || error.statusCode >= 500) throw error;
      return reply.callNotFound();
    });
    await assets.register(staticFiles, {
      root: join(files.folder, 'assets'),
      prefix: ASSETS_PREFIX,
      preCompressed: true,
      immutable: true,
      maxAge: '365d',
      decorateReply: false,
      index: false,
    });
  });
  app.get('/favicon.svg', { config: { rateLimit: false } }, async (_, reply) => {
    reply.header('cache-control', 'public, max-age=86400').type('image/svg+xml');
    return readFileSync(join(files.folder, 'favicon.svg'));
  });
  const showPage = async (_: unknown, reply: FastifyReply) => {
    const nonce = Buffer.from(random.bytes(NONCE_BYTES)).toString('base64url');
    reply.header('content-security-policy', policy(nonce)).type('text/html; charset=utf-8');
    return files.page.replaceAll(NONCE_MARK, nonce);
  };
  app.get('/', showPage);
  // A browser that goes to a page says so; what scripts ask for and is not there gets a problem.
  const wantsPage = (request: FastifyRequest) =>
    request.headers.accept?.includes('text/html') === true && !NO_PAGE.test(request.url);
  app.get<SetupRoute>('/setup/:token', async (request, reply) =>
    wantsPage(request) ? showPage(request, reply) : answerSetupWords(request, reply),
  );
  app.get('/*', async (request, reply) => (wantsPage(request) ? showPage(request, reply) : reply.callNotFound()));
}

/** Own files only, nothing inline without the nonce, no frame around it, no other host. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}
