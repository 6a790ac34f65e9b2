import { isLoopback } from '../../http/origin-check.ts';
import { wrongValue } from '../../http/validation.ts';

/**
 * Whoever could read or change what a provider answers could sign in as anybody: https, but for this machine.
 * @throws ProblemError `validation_failed`
 */
export function checkIssuer(issuer: string, pointer = '/issuer'): void {
  const url = new URL(issuer);
  if (url.search !== '' || url.hash !== '')
    throw wrongValue(pointer, 'invalid', 'An issuer has no query and no fragment.');
  if (url.protocol === 'https:' || isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) return;
  throw wrongValue(pointer, 'invalid', 'The issuer must be an https URL; plain http is for this machine only.');
}
