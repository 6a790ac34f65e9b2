import { Refusal } from '#core/errors';
import type { Grant } from '#core/token-store';
import type { TokenRequest } from '../token-request.ts';

const MAX_RESOURCES = 10;
const MAX_LENGTH = 2048;

/**
 * The audience of a token by the `resource` parameters of its request (RFC 8707 §2.2): absolute URIs without fragment; with a grant, only
 * those that it was given for. None requested: those of the grant. Undefined: for every project of the product.
 * @throws Refusal `resource_invalid` (invalid_target)
 */
export function findAudience(
  { resources }: Pick<TokenRequest, 'resources'>,
  grant: Pick<Grant, 'details'> | undefined,
): readonly string[] | undefined {
  const granted = grant?.details?.audience;
  if (resources.length === 0) return granted;
  if (resources.length > MAX_RESOURCES) throw refuse('', `more than ${MAX_RESOURCES} were sent`);
  for (const resource of resources) {
    if (resource.length > MAX_LENGTH) throw refuse(resource, 'it is too long');
    if (resource.includes('#')) throw refuse(resource, 'it has a fragment');
    const isAbsolute = /^[a-z][a-z0-9+.-]*:/i.test(resource) && URL.canParse(resource);
    if (!isAbsolute) throw refuse(resource, 'it is no absolute URI');
    if (granted?.includes(resource) === false) throw refuse(resource, 'it was not granted');
  }
  return [...new Set(resources)];
}

function refuse(resource: string, detail: string): Refusal {
  return new Refusal('resource_invalid', { resource: resource.slice(0, 200), detail });
}
