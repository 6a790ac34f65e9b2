import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Project } from '#core/model/project';
import type { Api } from '../api.ts';
import { CliError, usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { EXIT } from '../exit-code.ts';
import { fileText } from '../files/file-text.ts';
import { APPS, type FileKind, GROUPS, PARTS, PROJECT, PROJECT_FILE, PROJECTS_FOLDER } from '../files/layout.ts';
import { readProject } from '../files/project-state.ts';
import { getThing } from '../lookup.ts';
import { nounOf, type Thing } from '../noun.ts';

/** A file to be: its place below the folder and what it holds. */
interface Target {
  readonly file: string;
  readonly kind: FileKind;
  readonly thing: Thing;
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
  const targets =
    only === ''
      ? await everything(api)
      : await projectFiles(api, (await getThing<Project>(api, nounOf('project'), only)).thing.name, '');
  const counts = { written: 0, unchanged: 0, removed: 0 };
  for (const { file, kind, thing } of targets) {
    const place = path.join(folder, file);
    const before = existsSync(place) ? readFileSync(place, 'utf8') : undefined;
    const text = fileText(kind, thing, before);
    if (text === before) counts.unchanged += 1;
    else {
      write(place, text);
      counts.written += 1;
    }
  }
  const known = new Set(targets.map(({ file }) => path.normalize(file)));
  const stale = staleFiles(folder, only !== '').filter((file) => !known.has(file));
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

async function everything(api: Api): Promise<Target[]> {
  const targets: Target[] = [];
  const add = async (kind: FileKind) => {
    for (const thing of await api.list<Thing>(kind.path)) {
      // An ended subscription cannot be made again from a file.
      if (thing.state === 'ended') continue;
      targets.push({ file: path.join(kind.folder, `${String(thing.name)}.yaml`), kind, thing });
    }
  };
  await add(GROUPS);
  for (const { name } of await api.list<Project>('/projects'))
    targets.push(...(await projectFiles(api, name, path.join(PROJECTS_FOLDER, name))));
  for (const kind of APPS) await add(kind);
  return targets.toSorted((a, b) => (a.file < b.file ? -1 : 1));
}

async function projectFiles(api: Api, name: string, folder: string): Promise<Target[]> {
  const present = await readProject(api, name);
  if (present === undefined) return [];
  return [
    { file: path.join(folder, PROJECT_FILE), kind: PROJECT, thing: present.project },
    ...PARTS.flatMap((kind) =>
      (present.parts.get(kind) ?? []).map((thing) => ({
        file: path.join(folder, kind.folder, `${String(thing.name)}.yaml`),
        kind,
        thing,
      })),
    ),
  ];
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
    ...[GROUPS, ...APPS].flatMap((kind) => yaml(kind.folder)),
    ...projects.flatMap((name) => project(path.join(PROJECTS_FOLDER, name))),
  ].map((file) => path.normalize(file));
}
