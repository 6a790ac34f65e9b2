import { usageError } from './cli-error.ts';

/** The number of a version written `v3` or `3`. @throws CliError (usage) */
export function parseVersion(text: string): number {
  const number = /^v?([1-9]\d{0,8})$/.exec(text)?.[1];
  if (number === undefined) throw usageError(`"${text}" is no version. Write v3.`);
  return Number(number);
}
