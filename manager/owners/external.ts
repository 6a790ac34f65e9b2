import { buildAuthorizationUrl, type Configuration, calculatePKCECodeChallenge } from 'openid-client';
import type { OwnerAnswer } from '#core/owner-question';
import { ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import { redeemCode } from '../people/oidc/redeem.ts';
import { newTransaction, openTransaction, sealTransaction } from '../people/oidc/transaction.ts';
import { openCredentials, parseDirectory } from '../records/directory.ts';
import { ownerOf } from '../records/resource-owner.ts';
import { admitOwner } from './admit.ts';
import type { OwnerSignIn } from './services.ts';
import type { DirectoryTable } from './tables.ts';

interface Place {
  readonly context: ManagerContext;
  readonly owners: OwnerSignIn;
}

/** Where the browser goes to sign in at a provider (OpenID Connect Core 1.0 §3.1.2.1, with PKCE S256), and what is kept until it is back. */
export async function beginExternal(
  place: Place,
  directory: DirectoryTable,
  redirectUri: string,
): Promise<OwnerAnswer> {
  const { context } = place;
  const { configuration, scopes } = await reach(place, directory);
  // The directory's id is no name of an identity provider: what is begun here signs nobody in to the console.
  const begun = newTransaction(context.random, {
    provider: directory.id,
    returnTo: redirectUri,
    now: context.clock.now(),
  });
  const url = buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope: [...new Set(['openid', ...scopes])].join(' '),
    code_challenge: await calculatePKCECodeChallenge(begun.verifier),
    code_challenge_method: 'S256',
    state: begun.state,
    nonce: begun.nonce,
  });
  return { state: 'begun', location: url.href, handle: sealTransaction(begun, context.masterKeys.secretBox()) };
}

/** Lets in who came back from a provider. An answer that is not that of this sign-in is wrong, whatever the cause; the log says it. */
export async function finishExternal(
  place: Place,
  directory: DirectoryTable,
  given: { readonly redirectUri: string; readonly handle: string; readonly query: string },
): Promise<OwnerAnswer> {
  const { context, owners } = place;
  const wanted = { provider: directory.id, now: context.clock.now() };
  const begun = openTransaction(given.handle, context.masterKeys.secretBox(), wanted);
  if (begun === undefined || begun.returnTo !== given.redirectUri) return { state: 'wrong' };
  const { configuration, nameClaim } = await reach(place, directory);
  const url = new URL(given.redirectUri);
  url.search = given.query.replace(/^\?/, '');
  let claims: Readonly<Record<string, unknown>>;
  try {
    claims = await redeemCode(configuration, { url, begun, claims: [nameClaim] });
  } catch (error) {
    context.logger.warn({ err: error, directory: directory.name }, 'A sign-in at a provider did not work.');
    return { state: 'wrong' };
  }
  const text = (name: string) => {
    const value = claims[name];
    return typeof value === 'string' ? value : '';
  };
  if (text('sub') === '') return { state: 'wrong' };
  const isVerified = claims.email_verified !== false;
  const row = await admitOwner(context, directory, {
    externalId: text('sub'),
    name: nameClaim !== 'email' || isVerified ? text(nameClaim) : '',
    displayName: text('name'),
    email: isVerified ? text('email') : '',
  });
  if (row === undefined) {
    context.logger.warn({ directory: directory.name }, 'Somebody signed in at a provider who is no resource owner.');
    return { state: 'wrong' };
  }
  if (row.active !== 1) return { state: 'disabled' };
  owners.signIns.note(row.id, context.clock.now());
  return { state: 'known', owner: ownerOf(row) };
}

async function reach(
  { context, owners }: Place,
  row: DirectoryTable,
): Promise<{
  readonly configuration: Configuration;
  readonly scopes: readonly string[];
  readonly nameClaim: string;
}> {
  const { oidc } = parseDirectory(row);
  if (oidc === undefined) throw new ProblemError('unavailable', `The directory ${row.name} has no provider.`);
  const { issuer, clientId, scopes, nameClaim } = oidc;
  if (row.credentials === null)
    throw new ProblemError('unavailable', `The client secret of the directory ${row.name} was not given yet.`);
  const clientSecret = () => openCredentials(row, context.masterKeys.secretBox());
  try {
    const access = { key: `${row.id} ${row.revision}`, issuer, clientId, clientSecret };
    return { configuration: await owners.providers.open(context, access), scopes, nameClaim };
  } catch (error) {
    context.logger.error({ err: error, directory: row.name }, 'A provider of resource owners cannot be reached.');
    throw new ProblemError('unavailable', `The provider of the directory ${row.name} does not answer.`);
  }
}
