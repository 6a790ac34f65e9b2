import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { OpenApiPreview, UnusedPart, WsdlPreview } from '#core/model/import';
import { IMPORT_TEXT_LIMIT, type ImportFormat, importFormatOf } from '#core/model/import-format';
import { slugOf } from '#core/model/name';
import type { Project } from '#core/model/project';
import type { Api } from '../api.ts';
import { CliError, usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { EXIT } from '../exit-code.ts';
import { plain } from '../plain.ts';
import type { CommandInput, Session } from '../session.ts';
import { importInto } from './import-into.ts';

/** What is imported, and as what. */
export interface ImportSource {
  /** As somebody named it. */
  readonly shown: string;
  readonly format: ImportFormat;
  /** What the API is told: the text, or the URL. */
  readonly body: { readonly source?: string; readonly url?: string; readonly fileName?: string };
}

/** `gatewright import`: a new project of a document, or a newer document into a project that is there. */
export const importCommand: Run = async (session, input) => {
  const source = readSource(session, input.argument(0));
  session.doing = `import ${source.shown}`;
  const api = await session.api();
  const into = input.text('into');
  if (into !== undefined) return importInto(session, api, { source, into, input });
  if (source.format === 'project') return importProject(session, api, { source, input });
  const kind = source.format === 'wsdl' ? 'wsdl' : source.format === 'openapi' ? 'openapi' : input.text('as');
  if (kind !== 'openapi' && kind !== 'wsdl') throw unknownKind(source);
  const preview = await api.post<OpenApiPreview | WsdlPreview>(`/imports/${kind}/preview`, source.body);
  if (preview.problems.length > 0) throw problemsError(source, preview);
  const body = projectBody(source, input, preview);
  showPreview(session, preview, body);
  if (input.flag('dryRun')) {
    session.out.json({ ...preview, created: false });
    session.out.line(session.out.style.bold(`Nothing was created: --dry-run. ${body.displayName} would be.`));
    return EXIT.wouldChange;
  }
  // What was fetched for the preview is what is imported.
  const text = preview.source === undefined ? {} : { source: preview.source, url: undefined };
  const made = await api.post<Project>(`/imports/${kind}`, { ...body, ...text });
  return created(session, made);
};

function unknownKind(source: ImportSource): CliError {
  if (source.format === 'archive')
    return new CliError(`${source.shown} is an archive (zip or the like).`, {
      exit: EXIT.refused,
      fixes: [{ text: 'Unpack it, and import the document in it.' }],
    });
  return usageError(`What ${source.shown} is cannot be told from its beginning.`, [
    { text: 'Say it.', command: `gatewright import ${source.shown} --as openapi` },
    { text: 'Or:', command: `gatewright import ${source.shown} --as wsdl` },
  ]);
}

function readSource(session: Session, named: string): ImportSource {
  if (/^https?:\/\//i.test(named)) {
    const isWsdl = /(?:\.wsdl|[?&]wsdl)$/i.test(named);
    return { shown: named, format: isWsdl ? 'wsdl' : 'openapi', body: { url: named } };
  }
  const file = path.resolve(session.cwd, named);
  if (!existsSync(file) || !statSync(file).isFile()) throw usageError(`There is no file ${named}.`);
  if (statSync(file).size > IMPORT_TEXT_LIMIT) throw usageError(`${named} is larger than 10 MB.`);
  const source = readFileSync(file, 'utf8');
  return { shown: named, format: importFormatOf(source), body: { source, fileName: path.basename(file) } };
}

/** The problems of a document, each by line and column. */
export function problemsError({ shown }: ImportSource, { problems }: Pick<OpenApiPreview, 'problems'>): CliError {
  const n = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new CliError(`${shown} has ${n}; nothing was created.`, {
    code: 'import_invalid',
    exit: EXIT.refused,
    lines: problems.map(({ line, column, message }) =>
      line === 0 ? message : `line ${line}, column ${column}: ${message}`,
    ),
  });
}

interface ProjectBody extends Readonly<Record<string, unknown>> {
  readonly displayName: string;
}

/** What the API is told of a new project: options first, then what the document suggests. */
function projectBody(
  source: ImportSource,
  input: CommandInput,
  { suggested }: Pick<OpenApiPreview, 'suggested'>,
): ProjectBody {
  const displayName = input.text('name') ?? suggested.displayName;
  if (displayName === '')
    throw usageError('The document has no title to name the project after.', [
      { text: 'Name it.', command: `gatewright import ${source.shown} --name NAME` },
    ]);
  const contextPath =
    input.text('path') ?? (input.text('name') === undefined ? suggested.contextPath : `/${slugOf(displayName)}`);
  const tags = input.texts('tag');
  const target = input.text('target');
  const secureWith = input.text('secureWith');
  const given = { service: input.text('service'), port: input.text('port') };
  return {
    ...source.body,
    ...{ displayName, contextPath },
    ...(target !== undefined && { targetUrl: target }),
    ...(secureWith !== undefined && { secureWith }),
    ...(tags.length > 0 && { choose: 'tags', tags }),
    ...(input.flag('onlyDefault') && { choose: 'default' }),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}

function showPreview({ out }: Session, preview: OpenApiPreview | WsdlPreview, body: ProjectBody): void {
  out.note(preview.sentence);
  noteUnused(out, preview.unused);
  out.line();
  out.line(
    `  ${out.style.green('+')} Project “${plain(body.displayName)}” at ${plain(String(body.contextPath))} is new`,
  );
  const isDefault = body.choose === 'default';
  const tags = Array.isArray(body.tags) ? body.tags : undefined;
  const resources = 'resources' in preview && !isDefault ? preview.resources : [];
  for (const { methods, path: pattern, displayName, scopes, public: isPublic, ...resource } of resources) {
    if (tags !== undefined && !resource.tags.some((tag) => tags.includes(tag))) continue;
    const needs = isPublic ? 'no token' : scopes.join(' ');
    const words = `${methods.join(' ')} ${pattern}  ${displayName}`;
    out.line(`  ${out.style.green('+')} ${plain(words)}${needs === '' ? '' : out.style.dim(`  ${plain(needs)}`)}`);
  }
  out.line();
}

/** What of a document nothing is made of, on stderr. */
export function noteUnused(out: Session['out'], unused: readonly UnusedPart[]): void {
  for (const { what, places, line, message } of unused) {
    const where = places === 1 ? `line ${line}` : `${places} places, first line ${line}`;
    out.note(out.style.dim(`Not used: ${plain(what)} (${where}). ${plain(message)}`));
  }
}

async function importProject(
  session: Session,
  api: Api,
  { source, input }: { readonly source: ImportSource; readonly input: CommandInput },
) {
  let document: unknown;
  try {
    document = JSON.parse(source.body.source ?? '');
  } catch (error) {
    throw new CliError(`${source.shown} is not JSON.`, { code: 'import_invalid', exit: EXIT.refused, cause: error });
  }
  const displayName = input.text('name');
  const contextPath = input.text('path');
  if (input.flag('dryRun'))
    throw usageError('The export of a project becomes a new project as a whole; there is nothing to compare.');
  const made = await api.post<Project>('/imports/project', {
    document,
    ...(displayName !== undefined && { displayName }),
    ...(contextPath !== undefined && { contextPath }),
  });
  return created(session, made);
}

function created({ out }: Session, made: Project) {
  out.json(made);
  out.line(out.style.dim(`Undo: gatewright project delete ${made.name}`));
  out.line(out.style.dim(`Not live until deployed: gatewright deploy ${made.name}`));
  out.line(out.style.green(out.style.bold(`Imported as ${plain(made.displayName)} at ${made.contextPath}.`)));
  return EXIT.done;
}
