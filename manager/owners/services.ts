import { createPasswords, type Passwords } from '../access/password.ts';
import { createTries, type Tries } from '../access/tries.ts';
import type { BaseContext } from '../context.ts';
import { createProviderClients, type ProviderClients } from '../people/oidc/provider-client.ts';
import { type ClientTries, createClientTries } from './client-tries.ts';
import { collectOwnerSignIns, type OwnerSignIns } from './sign-ins.ts';

/** What signing in resource owners needs beside the context. */
export interface OwnerSignIn {
  /** Shared with the people of the console: at most two hashes at a time in this process (decision 35). */
  readonly passwords: Passwords;
  readonly tries: Tries;
  readonly clientTries: ClientTries;
  readonly providers: ProviderClients;
  readonly signIns: OwnerSignIns;
  /** LDAP checks under way. */
  ldapUnderWay: number;
}

/** Puts them together. */
export function createOwnerSignIn(base: Pick<BaseContext, 'clock' | 'db' | 'random'>): OwnerSignIn {
  const { clock } = base;
  return {
    passwords: createPasswords(base.random),
    tries: createTries(clock),
    clientTries: createClientTries(clock),
    providers: createProviderClients(),
    signIns: collectOwnerSignIns(base.db),
    ldapUnderWay: 0,
  };
}
