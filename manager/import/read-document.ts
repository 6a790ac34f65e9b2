import type { ManagerContext } from '../context.ts';
import { type Origin, readSource, type SourceText } from './document/fetch-document.ts';
import { importInvalid } from './document/place.ts';
import { isUnread } from './document/reader.ts';
import type { OpenApiReading } from './openapi/reading.ts';
import type { WsdlReading } from './wsdl/read.ts';

interface Readings {
  openapi: OpenApiReading;
  wsdl: WsdlReading;
}

/** A document without problems, and its text. */
export interface ReadDocument<Reading> {
  readonly reading: Reading;
  readonly source: SourceText;
}

/** Fetches and reads a document. @throws ProblemError `import_invalid` with every problem, by line and column */
export async function readDocument<Format extends keyof Readings>(
  context: ManagerContext,
  format: Format,
  origin: Origin & { readonly fileName?: string | undefined },
): Promise<ReadDocument<Readings[Format]>> {
  const source = await readSource(context.egress, origin);
  const { documents } = context.services;
  const reading =
    format === 'openapi'
      ? await documents.readOpenApi(source.text, source.url)
      : await documents.readWsdl(source.text, origin.fileName ?? 'The WSDL');
  if (isUnread(reading) || reading.problems.length > 0) throw importInvalid(reading.problems);
  return { reading: reading as Readings[Format], source }; // read as what was asked for
}
