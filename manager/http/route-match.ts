import type { Operation } from '../operation.ts';

/** The methods that operations have for a path (behind the API's prefix): for 405 and its Allow field. */
export function matchMethods(operations: readonly Operation[], path: string): string[] {
  const segments = path.split('/');
  const methods = operations
    .filter((operation) => matches(operation.path.split('/'), segments))
    .map(({ method }) => method);
  return [...new Set(methods)];
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, i) => (part.startsWith(':') ? segments[i] !== '' : part === segments[i]))
  );
}
