import type { DirectoryCheck } from '#core/model/directory';
import type { ManagerContext } from '../context.ts';
import { createProviderClients } from '../people/oidc/provider-client.ts';
import { openCredentials, parseDirectory } from '../records/directory.ts';
import { lookUpByLdap, refusalInWords } from './ldap/check.ts';
import type { DirectoryTable } from './tables.ts';

const PROBLEM_CHARACTERS = 300;

/**
 * Asks the server of a directory whether it can be used as it is set: an LDAP server is reached, and where people are searched for, a name is
 * looked up; the description of a provider is read. Nobody signs in by it.
 */
export async function checkDirectoryServer(
  context: ManagerContext,
  row: DirectoryTable,
  username: string | undefined,
): Promise<DirectoryCheck> {
  const begun = context.clock.monotonic();
  try {
    const person = await ask(context, row, username);
    return { isReached: true, ms: Math.round(context.clock.monotonic() - begun), ...(person && { person }) };
  } catch (error) {
    context.logger.warn({ err: error, directory: row.name }, 'A check of a directory did not work.');
    const ms = Math.round(context.clock.monotonic() - begun);
    return { isReached: false, ms, problem: (refusalInWords(error) ?? wordsOf(error)).slice(0, PROBLEM_CHARACTERS) };
  }
}

async function ask(
  context: ManagerContext,
  row: DirectoryTable,
  username: string | undefined,
): Promise<DirectoryCheck['person']> {
  const { ldap, oidc } = parseDirectory(row);
  const secret = () => openCredentials(row, context.masterKeys.secretBox());
  if (ldap !== undefined)
    return lookUpByLdap({ settings: ldap, bindPassword: secret(), username: username ?? '' }, context.egress);
  if (oidc === undefined) return undefined;
  const { issuer, clientId } = oidc;
  // Its description is read anew: what is kept for sign-ins says nothing of now.
  await createProviderClients().open(context, { key: row.id, issuer, clientId, clientSecret: secret });
  return undefined;
}

/** What went wrong, with its cause: libraries say only there which. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause =
    error.cause instanceof Error && error.cause.message !== error.message ? `: ${wordsOf(error.cause)}` : '';
  return cause === '' ? error.message : `${error.message.replace(/\.$/, '')}${cause}`;
}
