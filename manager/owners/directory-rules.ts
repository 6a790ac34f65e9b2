import { X509Certificate } from 'node:crypto';
import { type Directory, type LdapSettings, USERNAME_PLACE } from '#core/model/directory';
import { isLoopback } from '../http/origin-check.ts';
import { wrongValue } from '../http/validation.ts';
import { checkIssuer } from '../people/oidc/check-issuer.ts';
import { isFilter } from './ldap/template.ts';

/**
 * Checks what belongs together in the settings of a directory.
 * @throws ProblemError `validation_failed`
 */
export function checkDirectory({ kind, ldap, oidc }: Pick<Directory, 'kind' | 'ldap' | 'oidc'>): void {
  checkPresence(kind === 'ldap', ldap !== undefined, '/ldap', kind);
  checkPresence(kind === 'oidc', oidc !== undefined, '/oidc', kind);
  if (ldap !== undefined) checkLdap(ldap);
  if (oidc !== undefined) checkIssuer(oidc.issuer, '/oidc/issuer');
}

function checkPresence(isWanted: boolean, isGiven: boolean, pointer: string, kind: string): void {
  if (isWanted && !isGiven) throw wrongValue(pointer, 'required', `A directory of the kind ${kind} needs it.`);
  if (!isWanted && isGiven) throw wrongValue(pointer, 'not_allowed', `A directory of the kind ${kind} has none.`);
}

function checkLdap(ldap: LdapSettings): void {
  const wrong = (field: string, message: string) => wrongValue(`/ldap/${field}`, 'invalid', message);
  const url = new URL(ldap.url);
  if (Number(url.port) > 65_535) throw wrong('url', 'There is no such port.');
  const isEncrypted = url.protocol === 'ldaps:' || ldap.startTls;
  if (!isEncrypted && !isLoopback(url.hostname.replace(/^\[|\]$/g, '')))
    throw wrong('startTls', 'Passwords would cross the network readable. Use ldaps:// or StartTLS.');
  if ((ldap.userDn === '') === (ldap.searchBase === ''))
    throw wrong('userDn', 'Give either userDn, or searchBase and searchFilter.');
  if (ldap.userDn !== '' && !/[A-Za-z0-9-]+=\{username\}/.test(ldap.userDn))
    throw wrong(
      'userDn',
      `It needs ${USERNAME_PLACE} as the value of an attribute, e.g. uid=${USERNAME_PLACE},ou=people.`,
    );
  if (ldap.searchBase !== '' && !(ldap.searchFilter.includes(USERNAME_PLACE) && isFilter(ldap.searchFilter)))
    throw wrong(
      'searchFilter',
      `It must be an LDAP filter with ${USERNAME_PLACE} in it, e.g. (uid=${USERNAME_PLACE}).`,
    );
  if (ldap.bindDn !== '' && !ldap.bindDn.includes('=')) throw wrong('bindDn', 'This is no DN.');
  checkAuthorities(ldap.ca);
}

function checkAuthorities(pem: string): void {
  if (pem === '') return;
  try {
    new X509Certificate(pem);
  } catch {
    throw wrongValue('/ldap/ca', 'invalid', 'This is no certificate in PEM form.');
  }
}
