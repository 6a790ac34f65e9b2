/** Most characters that a document may have. */
export const IMPORT_TEXT_LIMIT = 10 * 1024 * 1024;

/** What a file may turn out to be. `project`: an export of a project; `archive`: zip, gzip and the like, which are not read. */
export const IMPORT_FORMATS = ['openapi', 'wsdl', 'project', 'archive', 'unknown'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

/** The first field of a project's export, by which it is known. */
export const PROJECT_DOCUMENT_MARK = 'gatewright-project';

/** How zip, gzip, 7z, rar and bzip2 files begin, read as text. */
const ARCHIVES = ['PK\u0003\u0004', '\u001F\u008B', '\u001F\uFFFD', '7z\u00BC', '7z\uFFFD', 'Rar!', 'BZh'];

/** What a text seems to be, by its beginning; whether it really is one is found out by reading it. */
export function importFormatOf(text: string): ImportFormat {
  const start = text
    .slice(0, 4096)
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (ARCHIVES.some((beginning) => start.startsWith(beginning))) return 'archive';
  if (/^<[?!A-Za-z_]/.test(start)) return 'wsdl';
  if (start.startsWith('{') && start.includes(`"${PROJECT_DOCUMENT_MARK}"`)) return 'project';
  if (/(?:^|[\s{,"'])(?:openapi|swagger)["']?\s*:/m.test(text.slice(0, 65_536))) return 'openapi';
  return 'unknown';
}
