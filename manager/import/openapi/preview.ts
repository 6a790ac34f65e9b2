import type { OpenApiPreview } from '#core/model/import';
import { importFormatOf } from '#core/model/import-format';
import { slugOf } from '#core/model/name';
import type { SourceText } from '../document/fetch-document.ts';
import { displayNameOf } from '../document/names.ts';
import { isUnread, type UnreadReading } from '../document/reader.ts';
import type { OpenApiReading } from './reading.ts';

/** A document as the wizard shows it. The text is sent back when it was fetched, so that what was seen is what is imported. */
export function shownOpenApi(reading: OpenApiReading | UnreadReading, { text, url }: SourceText): OpenApiPreview {
  const read = isUnread(reading) ? { ...NOTHING, problems: reading.problems } : reading;
  const { title, version, specification, servers, tags, security, problems, unused, operations } = read;
  return {
    format: importFormatOf(text),
    sentence: openApiSentence(read),
    problems: [...problems],
    unused: [...unused],
    ...(url === undefined ? {} : { source: text }),
    ...{ title, version, specification, servers, tags, security },
    operations: operations.length,
    resources: operations.map(({ operationId: _, ...resource }) => resource),
    suggested: {
      displayName: displayNameOf(title),
      contextPath: contextPathOf(title),
      targetUrl: servers.find((server) => server.targetUrl !== '')?.targetUrl ?? '',
      secureWith: read.asksForTokens ? 'oauth' : 'none',
    },
  };
}

const NOTHING: OpenApiReading = {
  ...{ title: '', version: '', specification: '', description: '', servers: [], tags: [], security: [] },
  ...{ problems: [], unused: [], operations: [], asksForTokens: false },
};

/** `Read: 20 operations, 1 server, security: oauth2` */
function openApiSentence({ operations, servers, security, problems }: OpenApiReading): string {
  if (problems.length > 0) return `${count(problems.length, 'problem')}. Nothing can be imported yet.`;
  const types = [...new Set(security.map(({ type }) => type))].join(', ') || 'none';
  return `Read: ${count(operations.length, 'operation')}, ${count(servers.length, 'server')}, security: ${types}`;
}

/** A number with its noun. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** Where a project of this title could be published. */
export function contextPathOf(title: string): string {
  const slug = slugOf(displayNameOf(title));
  return slug === '' ? '' : `/${slug}`;
}
