import { isSettings, type Settings } from './field.ts';
import { findJsonError, type JsonError } from './json-error.ts';

/** Settings out of text, or why the text holds none. */
export type JsonReading = { readonly settings: Settings } | { readonly problem: JsonError };

/** Reads settings out of JSON. */
export function readJson(text: string): JsonReading {
  const problem = findJsonError(text);
  if (problem !== undefined) return { problem };
  const value: unknown = JSON.parse(text);
  if (isSettings(value)) return { settings: value };
  return { problem: { line: 1, column: 1, message: 'Settings stand in braces: {"name": value}.' } };
}

/** The line of a value in the text of settings, from 1: where its name stands. For the places of {@link writeJson}. */
export function lineOf(text: string, pointer: string): number {
  const steps = pointer.split('/').slice(1);
  let at = 0;
  for (const step of steps) {
    const next = /^\d+$/.test(step) ? nthBrace(text, at, Number(step)) : text.indexOf(`"${step}":`, at);
    if (next === -1) break;
    at = next;
  }
  return text.slice(0, at).split('\n').length;
}

/** Settings as text for people. */
export function writeJson(settings: Settings): string {
  return JSON.stringify(settings, undefined, 2);
}

function nthBrace(text: string, from: number, index: number): number {
  let at = text.indexOf('{', from);
  for (let count = 0; count < index && at !== -1; count++) at = text.indexOf('{', at + 1);
  return at;
}
