import type { OpenApiPreview, WsdlPreview } from '#core/model/import';
import { IMPORT_TEXT_LIMIT, importFormatOf } from '#core/model/import-format';
import { api } from '../../api/client.ts';

/** A document to read: its text, or where the manager fetches it. */
export type Origin = { readonly source: string; readonly fileName?: string } | { readonly url: string };

/** The text of a document that was read, and the name of its file. */
interface ReadOrigin {
  readonly source: string;
  readonly fileName?: string;
}

/** A document that was read, with its text. */
export type ReadDocument =
  | { readonly format: 'openapi'; readonly preview: OpenApiPreview; readonly origin: ReadOrigin }
  | { readonly format: 'wsdl'; readonly preview: WsdlPreview; readonly origin: ReadOrigin };

/** Formats that a wizard takes. */
export type Accepted = 'any' | 'wsdl';

/**
 * Reads a document; nothing is created. Problems in it are part of the answer.
 * @throws ApiProblem, ApiUnreachable, or Error when it is another kind of file
 */
export async function readDocument(origin: Origin, accepted: Accepted): Promise<ReadDocument> {
  const format = 'source' in origin ? importFormatOf(origin.source) : 'unknown';
  refuse(format, accepted);
  if (accepted === 'wsdl' || format === 'wsdl') return readWsdl(origin, accepted);
  const preview = await api.post<OpenApiPreview>('/imports/openapi/preview', origin);
  const text = textOf(origin, preview.source);
  // Of what is fetched, only the manager sees what it is.
  if (preview.format === 'wsdl') return readWsdl({ ...text, ...('url' in origin ? {} : origin) }, accepted);
  refuse(preview.format, accepted);
  return { format: 'openapi', preview, origin: text };
}

async function readWsdl(origin: Origin, accepted: Accepted): Promise<ReadDocument> {
  const preview = await api.post<WsdlPreview>('/imports/wsdl/preview', origin);
  refuse(preview.format, accepted);
  return { format: 'wsdl', preview, origin: textOf(origin, preview.source) };
}

function textOf(origin: Origin, fetched: string | undefined): ReadOrigin {
  if ('source' in origin) return origin;
  // What was seen is what is imported, whatever the address answers later.
  return { source: fetched ?? '', fileName: lastSegment(origin.url) };
}

function refuse(format: string, accepted: Accepted): void {
  if (format === 'archive')
    throw new Error('This is an archive. Unpack it, and choose the OpenAPI document or the WSDL in it.');
  if (format === 'project')
    throw new Error('This is the export of a project. Take “From a project export…” in the Add menu.');
  if (accepted === 'wsdl' && format === 'openapi')
    throw new Error('This is an OpenAPI document. Take “Import OpenAPI or WSDL…” in the Add menu.');
}

/** The text of a file. @throws Error when it is too large */
export async function textOfFile(file: File): Promise<string> {
  if (file.size > IMPORT_TEXT_LIMIT) throw new Error(`${file.name} is larger than 10 MB, which is the most.`);
  return file.text();
}

/** The language of a document, by how it begins. */
export function languageOf(text: string): 'json' | 'xml' | 'yaml' {
  const start = text.slice(0, 1000).trimStart();
  if (start.startsWith('<')) return 'xml';
  return start.startsWith('{') ? 'json' : 'yaml';
}

function lastSegment(url: string): string {
  return url.split(/[?#]/)[0]?.split('/').at(-1) || url;
}
