import type { Reader } from '../database.ts';
import { wrongValue } from '../http/validation.ts';

const KIND = 'oauth-token-endpoint';

/**
 * The token end point project of a new authorization end point: the one that is named, which may come later (whether it is there is asked
 * when this one is deployed), else the only one there is.
 * @throws ProblemError `validation_failed`
 */
export async function findTokenProject(reader: Reader, named: string | undefined): Promise<string> {
  if (named !== undefined) return named;
  const [first, second] = await reader
    .selectFrom('projects')
    .select('name')
    .where('kind', '=', KIND)
    .orderBy('name')
    .limit(2)
    .execute();
  if (first !== undefined && second === undefined) return first.name;
  const message =
    first === undefined
      ? 'Create an OAuth Token End Point first, or name the one to come: the authorization end point shares its issuer, store and keys.'
      : 'There are several OAuth Token End Points: name the one whose issuer it shares.';
  throw wrongValue('/tokenProject', 'missing', message);
}
