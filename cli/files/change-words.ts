import { isDeepStrictEqual } from 'node:util';
import type { Change } from '#core/model/deployment';
import { titleOf } from '../lookup.ts';
import type { Thing } from '../noun.ts';
import { textOf } from '../noun.ts';
import type { FileKind } from './layout.ts';

/** What differs between a thing and what its file wants, in sentences like those of a project's diff. undefined: it is not there. */
export function changesOf(kind: FileKind, from: Thing | undefined, to: Thing | undefined): Change[] {
  const shown = to ?? from;
  if (shown === undefined) return [];
  const title = kind.word.charAt(0).toUpperCase() + kind.word.slice(1);
  const subject = `${title} “${titleOf(shown)}”`;
  const pointer = `/${kind.folder}/${String(shown.name)}`;
  if (from === undefined) return [{ kind: 'added', pointer, sentence: `${subject} is new`, to }];
  if (to === undefined) return [{ kind: 'removed', pointer, sentence: `${subject} is removed`, from }];
  return changedFields(from, to).map((field) => ({
    kind: 'changed',
    pointer: `${pointer}/${field}`,
    sentence: `${subject}: ${words(field)} ${valueWords(from[field])} → ${valueWords(to[field])}`,
    ...(from[field] !== undefined && { from: from[field] }),
    ...(to[field] !== undefined && { to: to[field] }),
  }));
}

/** Fields whose values differ; one that is left out is the same as one that is null. */
export function changedFields(from: Thing, to: Thing): string[] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return names.filter((name) => !isDeepStrictEqual(from[name] ?? undefined, to[name] ?? undefined));
}

function words(field: string): string {
  return field
    .replace(/(?:Ms|Bytes)$/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase();
}

function valueWords(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  const text = textOf(value);
  return text === '–' ? 'none' : text;
}
