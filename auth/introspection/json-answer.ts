import { HeaderList } from '#core/headers';
import type { HttpResponse } from '#core/message';

/** A JSON answer about a token: nobody keeps it (RFC 7662 §4). */
export function answerJson(document: Readonly<Record<string, unknown>>, status = 200): HttpResponse {
  return {
    status,
    headers: new HeaderList(['Content-Type', 'application/json', 'Cache-Control', 'no-store', 'Pragma', 'no-cache']),
    body: JSON.stringify(document),
  };
}
