import { buildAuthorizationUrl, calculatePKCECodeChallenge } from 'openid-client';
import type { IdentityProvider } from '#core/model/identity-provider';
import { ProblemError } from '#core/problem';
import type { ManagerContext } from '../../context.ts';
import {
  callbackUrl,
  clientSecretContext,
  getIdentityProviderRow,
  parseIdentityProvider,
} from '../../records/identity-provider.ts';
import { notFound } from '../../records/record.ts';
import { type Actor, change } from '../../unit-of-work.ts';
import { type Entered, type EnterFrom, enter } from '../enter.ts';
import type { People } from '../services.ts';
import type { IdentityProviderTable } from '../tables.ts';
import { admit } from './admit.ts';
import { personOf } from './claims.ts';
import { redeemCode } from './redeem.ts';
import { newTransaction, openTransaction, ownPath, sealTransaction } from './transaction.ts';

/** Why a sign-in through a provider did not work, as the sign-in page is told (`/login?problem=…`). */
export type ProviderProblem = 'provider_unreachable' | 'provider_refused' | 'sign_in_expired' | 'not_admitted';

/** It did not work; the cause is logged. */
export class ProviderSignInError extends Error {
  override readonly name = 'ProviderSignInError';
  readonly problem: ProviderProblem;

  constructor(problem: ProviderProblem, options?: ErrorOptions) {
    super(`A sign-in through a provider did not work: ${problem}.`, options);
    this.problem = problem;
  }
}

interface Place {
  readonly context: ManagerContext;
  readonly people: People;
}

/** Where the browser goes to sign in (OpenID Connect Core 1.0 §3.1.2.1, with PKCE S256), and what it keeps meanwhile. */
export async function leaveForProvider(
  { context, people }: Place,
  wish: { readonly provider: string; readonly returnTo: string | undefined },
): Promise<{ readonly url: string; readonly sealed: string }> {
  const { row, settings, origin } = await openProvider(context, wish.provider);
  const configuration = await reach({ context, people }, row, settings);
  const now = context.clock.now();
  const begun = newTransaction(context.random, { provider: row.name, returnTo: ownPath(wish.returnTo), now });
  const url = buildAuthorizationUrl(configuration, {
    redirect_uri: callbackUrl(origin, row.name),
    scope: [...new Set(['openid', ...settings.scopes])].join(' '),
    code_challenge: await calculatePKCECodeChallenge(begun.verifier),
    code_challenge_method: 'S256',
    state: begun.state,
    nonce: begun.nonce,
  });
  return { url: url.href, sealed: sealTransaction(begun, context.masterKeys.secretBox()) };
}

/** What came back from a provider. */
export interface Return {
  readonly provider: string;
  /** Query of the callback: code, state, iss, or error. */
  readonly query: Readonly<Record<string, string>>;
  /** What lay in the browser's cookie. */
  readonly sealed: string | undefined;
  readonly from: Omit<EnterFrom, 'keepSignedIn'>;
}

/**
 * Signs in who comes back: state, code, PKCE, signature, issuer, audience, nonce and times of the ID token are checked.
 * @throws ProviderSignInError
 */
export async function returnFromProvider(
  { context, people, actor }: Place & { readonly actor: Actor },
  given: Return,
): Promise<Entered & { readonly returnTo: string }> {
  const { row, settings, origin } = await openProvider(context, given.provider);
  const wanted = { provider: row.name, now: context.clock.now() };
  const begun = openTransaction(given.sealed, context.masterKeys.secretBox(), wanted);
  if (begun === undefined) throw new ProviderSignInError('sign_in_expired');
  const configuration = await reach({ context, people }, row, settings);
  const url = new URL(callbackUrl(origin, row.name));
  for (const [name, value] of Object.entries(given.query)) url.searchParams.set(name, value);
  const claims = await redeemCode(configuration, { url, begun, claims: wantedClaims(settings) }).catch(
    (cause: unknown) => {
      throw new ProviderSignInError('provider_refused', { cause });
    },
  );
  const person = personOf(claims, settings);
  const name = person.name ?? `someone of ${row.name}`;
  const entered = await change(context, { ...actor, name, via: 'console' }, async (unit) => {
    const user = await admit(unit, context, { provider: settings, person });
    if (user === undefined) throw new ProviderSignInError('not_admitted');
    unit.audit({
      objectKind: 'user',
      objectId: user.id,
      objectName: user.name,
      sentence: `${user.name} signed in through ${row.name}.`,
    });
    return enter(unit, { context, people }, { user, from: { ...given.from, keepSignedIn: false } });
  });
  return { ...entered, returnTo: begun.returnTo };
}

/** Claims without which user info is asked. */
function wantedClaims({ nameClaim, roleClaim }: IdentityProvider): readonly string[] {
  return roleClaim === undefined ? [nameClaim] : [nameClaim, roleClaim];
}

async function reach({ context, people }: Place, row: IdentityProviderTable, settings: IdentityProvider) {
  const { issuer, clientId } = settings;
  const clientSecret = () =>
    context.masterKeys.secretBox().open(row.client_secret, clientSecretContext(row.id)).toString();
  const access = { key: `${row.id} ${row.revision}`, issuer, clientId, clientSecret };
  return people.providers.open(context, access).catch((cause: unknown) => {
    throw new ProviderSignInError('provider_unreachable', { cause });
  });
}

async function openProvider(context: ManagerContext, name: string) {
  const row = await getIdentityProviderRow(context.db.read, name);
  if (row.active !== 1) throw notFound('identity provider', name);
  const origin = context.publicOrigin();
  if (origin === undefined) throw new ProblemError('unavailable', 'The manager is starting. Try again in a moment.');
  return { row, origin, settings: parseIdentityProvider(row, origin) };
}
