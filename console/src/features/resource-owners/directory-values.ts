import type { Directory } from '#core/model/directory';

/** Kinds of directories as people read them. */
export const KIND_TITLES: Readonly<Record<Directory['kind'], string>> = {
  local: 'Local',
  ldap: 'LDAP',
  oidc: 'OpenID Connect',
};

/** What the form asks for: the fields of the API by their names, with what is never shown beside them. */
export interface DirectoryValues extends Record<string, unknown> {
  displayName: string;
  kind: Directory['kind'];
  active: boolean;
  createOwners: boolean;
  ldap: NonNullable<Directory['ldap']> & { bindPassword: string };
  oidc: NonNullable<Directory['oidc']> & { clientSecret: string };
}

/** What stands in the form of a directory; of a new one when there is none. */
export function valuesOf(directory: Directory | undefined): DirectoryValues {
  return {
    displayName: directory?.displayName ?? '',
    kind: directory?.kind ?? 'ldap',
    active: directory?.active ?? true,
    createOwners: directory?.createOwners ?? true,
    ldap: {
      url: '',
      startTls: true,
      ca: '',
      userDn: '',
      searchBase: '',
      searchFilter: '(uid={username})',
      bindDn: '',
      idAttribute: 'entryUUID',
      nameAttribute: 'uid',
      displayNameAttribute: 'cn',
      emailAttribute: 'mail',
      timeoutMs: 5000,
      ...directory?.ldap,
      bindPassword: '',
    },
    oidc: {
      issuer: '',
      clientId: '',
      scopes: ['profile', 'email'],
      nameClaim: 'preferred_username',
      ...directory?.oidc,
      clientSecret: '',
    },
  };
}

/** The body of a patch: the kind stays, and so does a secret that nothing was written for. */
export function patchBody({ displayName, kind, active, createOwners, ldap, oidc }: DirectoryValues): object {
  const { bindPassword, ...server } = ldap;
  const { clientSecret, ...provider } = oidc;
  return {
    displayName: displayName.trim(),
    active,
    createOwners,
    ...(kind === 'ldap' && { ldap: { ...server, ...(bindPassword !== '' && { bindPassword }) } }),
    ...(kind === 'oidc' && { oidc: { ...provider, ...(clientSecret !== '' && { clientSecret }) } }),
  };
}

/** The body of a create. */
export function createBody(values: DirectoryValues): object {
  return { kind: values.kind, ...patchBody(values) };
}
