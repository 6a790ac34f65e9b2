import type { IMPORT_CHOICES } from '#core/model/import';
import { wrongValue } from '../../http/validation.ts';
import type { ReadOperation } from './reading.ts';

/** Which operations become resources. */
export interface Choice {
  readonly choose: (typeof IMPORT_CHOICES)[number];
  readonly tags: readonly string[];
}

/** The operations that become resources. @throws ProblemError at /tags when none has one of them */
export function chosenOperations(operations: readonly ReadOperation[], { choose, tags }: Choice): ReadOperation[] {
  if (choose === 'default') return [];
  if (choose === 'all') return [...operations];
  if (tags.length === 0) throw wrongValue('/tags', 'required', 'Name the tags whose operations become resources.');
  const known = new Set(operations.flatMap((operation) => operation.tags));
  const index = tags.findIndex((tag) => !known.has(tag));
  if (index >= 0)
    throw wrongValue(
      `/tags/${index}`,
      'unknown_tag',
      `No operation has the tag ${tags[index]?.slice(0, 100)}. There are: ${[...known].slice(0, 20).join(', ')}.`,
    );
  return operations.filter((operation) => operation.tags.some((tag) => tags.includes(tag)));
}
