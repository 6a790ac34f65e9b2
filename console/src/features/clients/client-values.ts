import type { Client } from '#core/model/client';
import { type ClientFault, clientFaults } from '#core/model/client-rules';
import { redirectUriFault } from '#core/model/redirect-uri';

/** What the form asks for: the fields of the API by their names. */
export interface ClientValues extends Record<string, unknown> {
  displayName: string;
  description: string;
  ownerEmail: string;
  kind: Client['kind'];
  authMethod: Client['authMethod'];
  redirectUris: string[];
  jwks: Client['jwks'];
  jwksUri: string;
  certificateName: Client['certificateName'];
  certificateBound: boolean;
  tags: string[];
}

/** What stands in the form of a client; of a new one when there is none. */
export function valuesOf(client: Client | undefined): ClientValues {
  return {
    displayName: client?.displayName ?? '',
    description: client?.description ?? '',
    ownerEmail: client?.ownerEmail ?? '',
    kind: client?.kind ?? 'server',
    authMethod: client?.authMethod ?? 'client_secret',
    redirectUris: client?.redirectUris ?? [],
    jwks: client?.jwks,
    jwksUri: client?.jwksUri ?? '',
    certificateName: client?.certificateName,
    certificateBound: client?.certificateBound ?? false,
    tags: client?.tags ?? [],
  };
}

/** The body of a create. */
export function createBody({ displayName, ...values }: ClientValues): object {
  return { ...values, displayName: displayName.trim() };
}

/** The body of a patch: the kind stays; what is not there is taken back. */
export function patchBody({ kind: _, displayName, jwks, certificateName, ...values }: ClientValues): object {
  return { ...values, displayName: displayName.trim(), jwks: jwks ?? null, certificateName: certificateName ?? null };
}

/** The first redirect URI that cannot be taken, and why; null when all can. */
export function redirectUrisFault(uris: readonly string[]): string | null {
  for (const uri of uris) {
    const fault = redirectUriFault(uri);
    if (fault !== undefined) return `${uri}: ${fault}`;
  }
  return null;
}

/** What the rules say of one field beside the others; null when it fits. */
export function faultAt(values: ClientValues, field: ClientFault['field']): string | null {
  return clientFaults(values).find((fault) => fault.field === field)?.message ?? null;
}
