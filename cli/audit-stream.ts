import { type AuditEntry, auditEntry } from '#core/model/audit-entry';
import type { Api, ApiOptions } from './api.ts';
import { CliError } from './cli-error.ts';

/** Longest line that is believed to be an entry. */
const LINE_LIMIT = 16 * 1024 * 1024;

/**
 * Entries of the trail, oldest first, as they come from the server; memory does not grow with their number.
 * @throws CliError when a line is no entry
 */
export async function* readEntries(api: Api, query: ApiOptions['query']): AsyncGenerator<AuditEntry> {
  const body = await api.stream('/audit/export', { ...query, format: 'jsonl' });
  for await (const line of linesOf(body)) if (line !== '') yield parseEntry(line);
}

function parseEntry(line: string): AuditEntry {
  try {
    return auditEntry.parse(JSON.parse(line));
  } catch (error) {
    throw new CliError('The server sent a line that is no entry of an audit trail.', {
      code: 'bad_answer',
      cause: error,
    });
  }
}

async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_LIMIT) throw new CliError('The server sends a line without end.', { code: 'bad_answer' });
    yield* lines;
  }
  yield rest + decoder.decode();
}
