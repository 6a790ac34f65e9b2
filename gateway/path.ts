import type { PATH_FORMS } from '#core/model/project';

/** A spelling that a project may allow (decision 17). */
export type AllowedForm = (typeof PATH_FORMS)[number];

/** A spelling that gateway and target could read differently. Those that are not an {@link AllowedForm} are always refused. */
export type PathForm =
  | AllowedForm
  | 'dot-segment'
  | 'backslash'
  | 'nul'
  | 'control-byte'
  | 'bad-encoding'
  | 'not-ascii'
  | 'fragment';

/** A path, normalised once: these bytes are routed, and the same bytes are forwarded. */
export interface NormalPath {
  /** Unreserved characters decoded, other escapes in upper-case hex; nothing else is changed. */
  readonly path: string;
  /** The spelling that no project may allow; undefined: none. */
  readonly refused: Exclude<PathForm, AllowedForm> | undefined;
  /** Ambiguous spellings that the project has to allow. */
  readonly forms: readonly AllowedForm[];
}

// Segments that begin with a dot go the long way; everything else that is unambiguous passes in one linear scan.
const PLAIN =
  /^\/(?:[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*(?:\/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*)*\/?)?$/;
const UNRESERVED = /[A-Za-z0-9._~-]/;
const NO_FORMS: readonly AllowedForm[] = [];

/** True for a path that is its own normal form and can be read in one way only: nearly every path. */
export function isPlainPath(path: string): boolean {
  return PLAIN.test(path);
}

/** Normalises a path (the request target up to `?`, starting with `/`) and names the ambiguous spellings in it. */
export function normalizePath(raw: string): NormalPath {
  if (PLAIN.test(raw)) return { path: raw, refused: undefined, forms: NO_FORMS };
  const forms = new Set<AllowedForm>();
  let path = '';
  for (let i = 0; i < raw.length; i += 1) {
    const char = raw[i] ?? '';
    const code = raw.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f) return refuse(raw, 'control-byte');
    if (code > 0x7f) return refuse(raw, 'not-ascii');
    if (char === '\\') return refuse(raw, 'backslash');
    if (char === '#') return refuse(raw, 'fragment');
    if (char === ';') forms.add('semicolon');
    if (char === '/' && path.endsWith('/')) forms.add('double-slash');
    if (char !== '%') {
      path += char;
      continue;
    }
    const hex = raw.slice(i + 1, i + 3);
    if (!/^[0-9A-Fa-f]{2}$/.test(hex)) return refuse(raw, 'bad-encoding');
    const byte = Number.parseInt(hex, 16);
    if (byte === 0) return refuse(raw, 'nul');
    if (byte < 0x20 || byte === 0x7f) return refuse(raw, 'control-byte');
    if (byte === 0x5c) return refuse(raw, 'backslash');
    if (byte === 0x2f) forms.add('encoded-slash');
    const decoded = String.fromCharCode(byte);
    path += byte < 0x80 && UNRESERVED.test(decoded) ? decoded : `%${hex.toUpperCase()}`;
    i += 2;
  }
  if (!isUtf8(path)) return refuse(raw, 'bad-encoding');
  const worst = readLiberally(path);
  if (worst.includes('\0')) return refuse(raw, 'nul');
  if (hasDotSegment(worst)) return refuse(raw, 'dot-segment');
  return { path, refused: undefined, forms: forms.size === 0 ? NO_FORMS : [...forms] };
}

/**
 * Every other way in which a target could read a path with allowed ambiguous spellings: each combination of "%2F is a slash", "// is /" and
 * "what follows ; is not part of the segment". The gateway refuses when one of them leads to something that is better protected.
 */
export function otherReadings(path: string, forms: readonly AllowedForm[]): string[] {
  let readings = [path];
  // The order is the one in which servers do it: parameters are cut before decoding, slashes are merged last.
  for (const form of ['semicolon', 'encoded-slash', 'double-slash'] as const) {
    // Cutting and decoding can each bring up a double slash.
    if (!forms.includes(form) && form !== 'double-slash') continue;
    readings = [...readings, ...readings.map((reading) => READ[form](reading))];
  }
  return [...new Set(readings)].filter((reading) => reading !== path);
}

const READ: Readonly<Record<AllowedForm, (path: string) => string>> = {
  semicolon: (path) => path.replace(/;[^/]*/g, ''),
  'encoded-slash': (path) => path.replaceAll('%2F', '/'),
  'double-slash': (path) => path.replace(/\/{2,}/g, '/'),
};

function refuse(path: string, refused: Exclude<PathForm, AllowedForm>): NormalPath {
  return { path, refused, forms: NO_FORMS };
}

/** Overlong and cut-off sequences (%C0%AF) are how slashes and dots are smuggled past a reader. */
function isUtf8(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** The path as the most obliging target would read it: decoded as often as it can be, every kind of slash a slash. */
function readLiberally(path: string): string {
  return path
    .replace(/%(?:25)+/g, '%')
    .replace(/%([0-7][0-9A-Fa-f])/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll('\\', '/');
}

function hasDotSegment(path: string): boolean {
  return path.split('/').some((segment) => /^\.{1,2}(?:;|$)/.test(segment));
}
