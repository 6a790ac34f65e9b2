import { type Egress, EgressError } from '#core/egress';
import { IMPORT_TEXT_LIMIT } from '#core/model/import-format';
import { ProblemError } from '#core/problem';
import { wrongValue } from '../../http/validation.ts';

const TIMEOUT_MS = 20_000;

/** A document's text and where it came from. */
export interface SourceText {
  readonly text: string;
  /** Where it was fetched; undefined: it was sent. */
  readonly url: string | undefined;
}

/** What says where a document is. */
export interface Origin {
  readonly source?: string | undefined;
  readonly url?: string | undefined;
}

/**
 * The text that was sent, or the one behind the URL, fetched by the one way out (decision 25).
 * @throws ProblemError at /url
 */
export async function readSource(egress: Egress, { source, url }: Origin): Promise<SourceText> {
  if (source !== undefined) return { text: source, url: undefined };
  if (url === undefined) throw wrongValue('/source', 'required', 'Send either source (the text) or url.');
  const answer = await egress
    .fetch(url, {
      headers: { accept: 'application/json, application/yaml, text/xml, */*;q=0.5' },
      limitBytes: IMPORT_TEXT_LIMIT,
      timeoutMs: TIMEOUT_MS,
      purpose: 'import',
    })
    .catch((error: unknown) => {
      if (!(error instanceof EgressError)) throw error;
      const code = error.reason === 'destination_not_allowed' ? 'destination_not_allowed' : 'validation_failed';
      throw new ProblemError(code, error.message, {
        errors: [{ pointer: '/url', code: error.reason, message: error.message }],
      });
    });
  if (answer.status !== 200) {
    throw wrongValue('/url', 'unexpected_answer', `The server answered ${answer.status}; a document comes with 200.`);
  }
  return { text: decode(answer.body), url: answer.finalUrl };
}

function decode(bytes: Uint8Array): string {
  // An archive is told from a text by its first bytes, so they are kept even where they are no UTF-8.
  return new TextDecoder('utf-8').decode(bytes);
}
