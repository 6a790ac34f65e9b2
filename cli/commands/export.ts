import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { nameSchema } from '#core/model/name';
import type { Project } from '#core/model/project';
import type { Api } from '../api.ts';
import { CliError, usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { EXIT } from '../exit-code.ts';
import { fileText } from '../files/file-text.ts';
import { outsideFault } from '../files/inside-folder.ts';
import {
  APPS,
  BASES,
  type FileKind,
  PARTS,
  PROJECT,
  PROJECT_FILE,
  PROJECTS_FOLDER,
  SCHEMAS_FOLDER,
  schemaNameOf,
  WSDL_FILE,
} from '../files/layout.ts';
import { listThings } from '../files/list-things.ts';
import { readProject, readSchemas, readWsdl } from '../files/project-state.ts';
import { editorSchemas, schemaText } from '../files/schemas.ts';
import { fileError } from '../files/yaml-file.ts';
import { getThing } from '../lookup.ts';
import { nounOf, type Thing } from '../noun.ts';
import type { Session } from '../session.ts';

/** A file to be: its place below the folder and what it holds. */
interface Target {
  readonly file: string;
  /** Its text, over what stands there now. */
  text(before: string | undefined): string;
}

/** `gatewright export`: everything, or one project, as YAML; in the same order each time, over an earlier export with its comments. */
export const exportCommand: Run = async (session, input) => {
  const { out } = session;
  const dir = input.text('dir');
  if (dir === undefined)
    throw usageError('Name the folder to write with --dir.', [
      { text: 'For example:', command: 'gatewright export --dir ./apis' },
    ]);
  const folder = path.resolve(session.cwd, dir);
  session.doing = `export to ${dir}`;
  const api = await session.api();
  const only = input.argument(0);
  const unread: FileKind[] = [];
  const targets =
    only === ''
      ? await everything(session, api, unread)
      : await projectFiles(api, (await getThing<Project>(api, nounOf('project'), only)).thing.name, '');
  const schemas = [...editorSchemas(await readSchemas(api))].map(
    ([name, schema]): Target => ({ file: path.join(SCHEMAS_FOLDER, `${name}.json`), text: () => schemaText(schema) }),
  );
  const counts = { written: 0, unchanged: 0, removed: 0 };
  for (const { file, text: textOver } of [...targets, ...schemas]) {
    const fault = outsideFault(folder, file);
    if (fault !== undefined) throw fileError([`${file}:1: ${fault}.`]);
    const place = path.join(folder, file);
    const before = existsSync(place) ? readFileSync(place, 'utf8') : undefined;
    const text = textOver(before);
    if (text === before) counts.unchanged += 1;
    else {
      write(place, text);
      counts.written += 1;
    }
  }
  const known = new Set(targets.map(({ file }) => path.normalize(file)));
  const stale = staleFiles(folder, only !== '').filter(
    (file) => !known.has(file) && !unread.some((kind) => path.dirname(file) === kind.folder),
  );
  if (input.flag('prune')) {
    for (const file of stale) rmSync(path.join(folder, file));
    counts.removed = stale.length;
  } else for (const file of stale) out.warn(`${file} stands for nothing that is there; --prune deletes it.`);
  out.json({ dir: folder, files: targets.map(({ file }) => file), ...counts, stale });
  out.line(out.style.dim(`Compare later: gatewright apply ${dir} --dry-run`));
  out.line(
    out.style.bold(
      `Exported ${targets.length} files to ${dir}: ${counts.written} written, ${counts.unchanged} as they were${counts.removed > 0 ? `, ${counts.removed} deleted` : ''}.`,
    ),
  );
  return EXIT.done;
};

/** @param unread takes the kinds that the caller may not read: their files stay */
async function everything(session: Session, api: Api, unread: FileKind[]): Promise<Target[]> {
  const targets: Target[] = [];
  const add = async (kind: FileKind) => {
    const things = await listThings(session, api, kind);
    if (things === undefined) unread.push(kind);
    for (const thing of things ?? []) {
      // An ended subscription cannot be made again from a file.
      if (thing.state === 'ended') continue;
      // Each process's own configuration describes it.
      if (thing.isConfigured === true) continue;
      targets.push(thingFile(kind, thing, kind.folder));
    }
  };
  for (const kind of BASES) await add(kind);
  for (const { name } of await api.list<Project>('/projects'))
    targets.push(...(await projectFiles(api, name, path.join(PROJECTS_FOLDER, name))));
  for (const kind of APPS) await add(kind);
  return targets.toSorted((a, b) => (a.file < b.file ? -1 : 1));
}

async function projectFiles(api: Api, name: string, folder: string): Promise<Target[]> {
  const present = await readProject(api, name);
  if (present === undefined) return [];
  const wsdl = present.project.kind === 'wsdl' ? await readWsdl(api, name) : undefined;
  return [
    thingFile(PROJECT, present.project, folder, PROJECT_FILE),
    ...(wsdl === undefined ? [] : [{ file: path.join(folder, WSDL_FILE), text: () => wsdl }]),
    ...PARTS.flatMap((kind) =>
      (present.parts.get(kind) ?? []).map((thing) => thingFile(kind, thing, path.join(folder, kind.folder))),
    ),
  ];
}

/** The file of a thing. Its name becomes a path, so it has to be one. */
function thingFile(kind: FileKind, thing: Thing, folder: string, fileName?: string): Target {
  const name = String(thing.name);
  if (!nameSchema.safeParse(name).success)
    throw new CliError(`The server has a ${kind.word} whose name cannot be a file's.`, { lines: [name.slice(0, 100)] });
  const file = path.join(folder, fileName ?? `${name}.yaml`);
  const schema = path.posix.relative(
    path.dirname(file).split(path.sep).join('/'),
    `${SCHEMAS_FOLDER}/${schemaNameOf(kind)}.json`,
  );
  return { file, text: (before) => fileText(kind, thing, before, schema) };
}

function write(place: string, text: string): void {
  try {
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, text);
  } catch (error) {
    throw new CliError(`${place} cannot be written: ${error instanceof Error ? error.message : 'unknown error'}.`, {
      cause: error,
    });
  }
}

/** Files in the folders that an export writes; others are nobody's business here. */
function staleFiles(folder: string, isOneProject: boolean): string[] {
  const yaml = (place: string) =>
    existsSync(path.join(folder, place))
      ? readdirSync(path.join(folder, place))
          .filter((name) => name.endsWith('.yaml'))
          .map((name) => path.join(place, name))
      : [];
  const project = (place: string) => [
    ...yaml(place).filter((file) => path.basename(file) === PROJECT_FILE),
    ...PARTS.flatMap((kind) => yaml(path.join(place, kind.folder))),
  ];
  if (isOneProject) return project('');
  const projects = existsSync(path.join(folder, PROJECTS_FOLDER))
    ? readdirSync(path.join(folder, PROJECTS_FOLDER))
    : [];
  return [
    ...[...BASES, ...APPS].flatMap((kind) => yaml(kind.folder)),
    ...projects.flatMap((name) => project(path.join(PROJECTS_FOLDER, name))),
  ].map((file) => path.normalize(file));
}
