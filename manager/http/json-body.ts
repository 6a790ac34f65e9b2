import { ProblemError } from '#core/problem';
import { findJsonFault } from './json-fault.ts';
import { findNameFault } from './json-names.ts';

/** Deeper bodies are refused before anything walks through them. No body of ours needs ten. */
const DEPTH_LIMIT = 64;

/**
 * A request's body as JSON; undefined when it is empty.
 * @throws ProblemError `body_malformed`, naming line and column
 */
export function parseJsonBody(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  if (text.trim() === '') return undefined;
  checkDepth(text);
  const value = parse(text);
  // Kept out because PostgreSQL stores no NUL.
  if (/\\u0000/.test(text)) throw malformed('The body has a NUL character (\\u0000) in it.');
  const fault = findNameFault(text);
  if (fault !== undefined) throw malformed(`In the body at ${placeOf(text, fault.at)}: ${fault.message}`);
  if (value === null) throw malformed('The body is null; send a JSON object.');
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw malformed('The body is not UTF-8.');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const fault = findJsonFault(text) ?? { at: 0, message: 'It cannot be read.' };
    throw malformed(`The body is not JSON: ${placeOf(text, fault.at)}: ${fault.message}`);
  }
}

function placeOf(text: string, at: number): string {
  const before = text.slice(0, at);
  return `line ${before.split('\n').length}, column ${at - before.lastIndexOf('\n')}`;
}

function checkDepth(text: string): void {
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (isInString) {
      if (code === 0x5c) i += 1;
      else if (code === 0x22) isInString = false;
    } else if (code === 0x22) isInString = true;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > DEPTH_LIMIT)
        throw malformed(`The body is nested deeper than ${DEPTH_LIMIT} levels at ${placeOf(text, i)}.`);
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
}

function malformed(message: string): ProblemError {
  return new ProblemError('body_malformed', message);
}
