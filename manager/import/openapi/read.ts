import { importFormatOf } from '#core/model/import-format';
import { MOST_PROBLEMS, UnreadableError, wordsOf } from '../document/place.ts';
import { type PlacedDocument, parseYamlDocument } from '../document/yaml-document.ts';
import { readOperations } from './operations.ts';
import { type Fields, Findings, fieldsOf, type OpenApiReading, textOf } from './reading.ts';
import { readSecurity } from './security.ts';
import { readServers } from './servers.ts';
import { noteUnused } from './unused.ts';
import { validateDocument } from './validate.ts';

const NOTHING: OpenApiReading = {
  ...{ title: '', version: '', specification: '', description: '', servers: [], tags: [], security: [] },
  ...{ problems: [], unused: [], operations: [], asksForTokens: false },
};

/**
 * Reads an OpenAPI 3.0 or 3.1 document. What is wrong with it is told by line and column; nothing outside of it is asked for anything.
 * @param url where it was fetched, for its relative servers
 */
export async function readOpenApi(text: string, url: string | undefined): Promise<OpenApiReading> {
  let document: PlacedDocument;
  try {
    checkFormat(text);
    document = parseYamlDocument(text);
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return { ...NOTHING, problems: [error.problem] };
  }
  const findings = new Findings(document);
  const top = fieldsOf(document.value);
  if (top === undefined) {
    findings.problem([], 'This is no OpenAPI document: it has no fields.');
    return { ...NOTHING, problems: findings.problems };
  }
  const specification = textOf(top.openapi);
  if (!/^3\.[01](?:\.|$)/.test(specification)) {
    findings.problem([specificationField(top)], versionMessage(top));
    return { ...NOTHING, specification, problems: findings.problems };
  }
  const security = readSecurity(top, findings);
  const { operations, asksForTokens } = readOperations({ top, security, findings });
  const info = fieldsOf(top.info) ?? {};
  noteUnused(top, findings);
  await validateDocument(top, findings);
  return {
    title: textOf(info.title).slice(0, 500),
    version: textOf(info.version).slice(0, 100),
    specification: specification.slice(0, 20),
    description: (textOf(info.summary) || textOf(info.description)).slice(0, 2000),
    servers: readServers(top, url),
    tags: tagsOf(operations.map(({ tags }) => tags)),
    security: security.schemes,
    problems: findings.problems.toSorted((a, b) => a.line - b.line || a.column - b.column).slice(0, MOST_PROBLEMS),
    unused: findings.unused,
    operations,
    asksForTokens,
  };
}

function checkFormat(text: string): void {
  const format = importFormatOf(text);
  if (format === 'archive')
    throw new UnreadableError('This is an archive (zip or the like). Unpack it, and import the document in it.');
  if (format === 'wsdl') throw new UnreadableError('This is XML. A WSDL is imported as a WSDL project.');
  if (format === 'project')
    throw new UnreadableError('This is the export of a project. It is imported with “From a project export”.');
  if (text.includes('\0')) throw new UnreadableError('This is no text: there is a NUL character in it.');
}

function specificationField(top: Fields): string {
  return top.openapi === undefined && top.swagger !== undefined ? 'swagger' : 'openapi';
}

function versionMessage(top: Fields): string {
  if (top.swagger !== undefined)
    return `This is Swagger ${String(top.swagger).slice(0, 20)}. OpenAPI 3.0 and 3.1 can be imported: convert it first.`;
  if (top.openapi === undefined)
    return `${wordsOf(['openapi'])} is missing. An OpenAPI document begins with its version, e.g. openapi: 3.1.0.`;
  const version = String(top.openapi).slice(0, 20);
  return `openapi is ${version}. OpenAPI 3.0 and 3.1 can be imported; write it as a text, e.g. "3.1.0".`;
}

function tagsOf(all: readonly (readonly string[])[]): OpenApiReading['tags'] {
  const counts = new Map<string, number>();
  for (const tags of all) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].map(([name, operations]) => ({ name, operations }));
}
