import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { IMPORT_TEXT_LIMIT } from '#core/model/import-format';
import { usageError } from '../cli-error.ts';
import { nearest } from '../nearest.ts';
import { outsideFault } from './inside-folder.ts';
import { APPS, BASES, type FileKind, PARTS, PROJECT, PROJECT_FILE, PROJECTS_FOLDER, WSDL_FILE } from './layout.ts';
import { FILE_LIMIT_BYTES, fileError, parseYamlFile, type YamlFile } from './yaml-file.ts';

/** A thing as its file wants it: complete, with defaults. */
export interface Wanted {
  readonly kind: FileKind;
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly source: YamlFile;
}

/** A project with its parts. */
export interface WantedProject {
  readonly project: Wanted;
  readonly parts: ReadonlyMap<FileKind, readonly Wanted[]>;
  /** The WSDL that lies with it; undefined: none. */
  readonly wsdl: string | undefined;
}

/** As large as one may be that is imported. */
const WSDL_LIMIT_BYTES = IMPORT_TEXT_LIMIT;

/** All that a folder wants. `isWhole`: it speaks of everything, not of one project only; what it lacks may be pruned. */
export interface WantedFolder {
  readonly isWhole: boolean;
  /** Server groups and directories. */
  readonly bases: ReadonlyMap<FileKind, readonly Wanted[]>;
  readonly projects: readonly WantedProject[];
  readonly apps: ReadonlyMap<FileKind, readonly Wanted[]>;
}

/**
 * Reads a folder of `export`: everything, or one project's folder.
 * @throws CliError with every fault, by file and line
 */
export function readFolder(folder: string): WantedFolder {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw usageError(`There is no folder ${folder}.`);
  const reader = new FolderReader(folder);
  const isOne = existsSync(path.join(folder, PROJECT_FILE));
  const wanted: WantedFolder = isOne
    ? { isWhole: false, bases: new Map(), projects: [reader.project('')], apps: new Map() }
    : {
        isWhole: true,
        bases: new Map(BASES.map((kind) => [kind, reader.things(kind, kind.folder)])),
        projects: reader.folders(PROJECTS_FOLDER).map((name) => reader.project(path.join(PROJECTS_FOLDER, name))),
        apps: new Map(APPS.map((kind) => [kind, reader.things(kind, kind.folder)])),
      };
  if (reader.faults.length > 0) throw fileError(reader.faults);
  const isEmpty = wanted.projects.length + [...wanted.bases.values(), ...wanted.apps.values()].flat().length === 0;
  if (isEmpty) {
    throw usageError(
      `${folder} holds nothing to apply: no project.yaml, and none of ${[...BASES.map((kind) => kind.folder), PROJECTS_FOLDER, ...APPS.map((kind) => kind.folder)].join(', ')}.`,
    );
  }
  return wanted;
}

class FolderReader {
  readonly faults: string[] = [];
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  folders(folder: string): string[] {
    return this.#entries(folder).filter((name) => statSync(path.join(this.#root, folder, name)).isDirectory());
  }

  things(kind: FileKind, folder: string): Wanted[] {
    const files = this.#entries(folder).filter((name) => /\.ya?ml$/.test(name));
    return files.flatMap((name) => this.#thing(kind, path.join(folder, name), name.replace(/\.ya?ml$/, '')));
  }

  project(folder: string): WantedProject {
    const file = path.join(folder, PROJECT_FILE);
    const name = folder === '' ? undefined : path.basename(folder);
    const [project] = existsSync(path.join(this.#root, file)) ? this.#thing(PROJECT, file, name) : this.#missing(file);
    const parts = new Map(PARTS.map((kind) => [kind, this.things(kind, path.join(folder, kind.folder))]));
    // Never looked at when there was a fault: reading ends with an error then.
    return {
      project: project ?? { kind: PROJECT, name: name ?? '', fields: {}, source: parseYamlFile(file, '') },
      parts,
      wsdl: this.#wsdl(folder),
    };
  }

  /** The text of a file. @throws CliError when it is no file of this folder, or too large */
  #text(file: string, limitBytes: number): string {
    const fault = outsideFault(this.#root, file);
    if (fault !== undefined) throw fileError([`${file}:1: ${fault}.`]);
    const place = path.join(this.#root, file);
    const found = statSync(place);
    if (!found.isFile()) throw fileError([`${file}:1: it is no file.`]);
    if (found.size > limitBytes) throw fileError([`${file}:1: it is larger than ${limitBytes / 1024 / 1024} MiB.`]);
    return readFileSync(place, 'utf8');
  }

  /** The WSDL of a project; undefined when there is none. */
  #wsdl(folder: string): string | undefined {
    const file = path.join(folder, WSDL_FILE);
    if (!existsSync(path.join(this.#root, file))) return undefined;
    try {
      return this.#text(file, WSDL_LIMIT_BYTES);
    } catch (error) {
      if (!this.#note(error)) throw error;
      return undefined;
    }
  }

  /** Notes a fault in a file; false when it is none. */
  #note(error: unknown): boolean {
    if (!(error instanceof Error && 'lines' in error && Array.isArray(error.lines))) return false;
    this.faults.push(...error.lines.map(String));
    return true;
  }

  #missing(file: string): Wanted[] {
    this.faults.push(`${file}:1: the folder of a project needs this file.`);
    return [];
  }

  #entries(folder: string): string[] {
    const place = path.join(this.#root, folder);
    const fault = outsideFault(this.#root, folder);
    if (fault !== undefined) {
      this.faults.push(`${folder}:1: ${fault}.`);
      return [];
    }
    return existsSync(place)
      ? readdirSync(place)
          .filter((name) => !name.startsWith('.'))
          .sort()
      : [];
  }

  /** One thing, or none when there are faults in it. @param fileName name that the file's place gives it */
  #thing(kind: FileKind, file: string, fileName: string | undefined): Wanted[] {
    let source: YamlFile;
    try {
      source = parseYamlFile(file, this.#text(file, FILE_LIMIT_BYTES));
    } catch (error) {
      if (!this.#note(error)) throw error;
      return [];
    }
    const given = source.value;
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      this.faults.push(`${file}:1: expected fields, as "displayName: …".`);
      return [];
    }
    const parsed = kind.schema.safeParse({ ...(fileName !== undefined && { name: fileName }), ...given });
    if (!parsed.success) {
      for (const issue of parsed.error.issues) this.faults.push(...faultsOf(kind, source, issue));
      return [];
    }
    const name = String(parsed.data.name ?? '');
    if (name === '') this.faults.push(`${file}:1: a name is needed.`);
    else if (fileName !== undefined && name !== fileName)
      this.faults.push(`${source.placeOf(['name'])}: the name is ${name} but the file says ${fileName}.`);
    return [{ kind, name, fields: parsed.data, source }];
  }
}

interface Issue {
  readonly code: string;
  readonly message: string;
  readonly path: readonly PropertyKey[];
  readonly keys?: readonly string[];
}

function faultsOf(kind: FileKind, source: YamlFile, issue: Issue): string[] {
  const place = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys')
    return [`${source.placeOf(issue.path)}: ${place === '' ? '' : `${place}: `}${issue.message}`];
  return (issue.keys ?? []).map((key) => {
    const near = issue.path.length === 0 ? nearest(key, Object.keys(kind.schema.shape)) : undefined;
    return `${source.placeOf([...issue.path, key])}: there is no field ${[...issue.path, key].join('.')} in a ${kind.word}.${near === undefined ? '' : ` Did you mean ${near}?`}`;
  });
}
