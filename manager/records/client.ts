import type { FeedClient } from '#core/change-feed';
import { type Client, client } from '#core/model/client';
import type { Reader } from '../database.ts';
import type { ClientTable, StandingColumns } from '../tables.ts';
import type { Unit } from '../unit-of-work.ts';
import { dataOf, notFound, recordFieldsOf } from './record.ts';

/** A client out of its row. */
export function parseClient(row: ClientTable): Client {
  return client.parse({
    ...recordFieldsOf(row),
    kind: row.kind,
    authMethod: row.auth_method,
    active: row.active === 1,
    ...standingFieldsOf(row),
    // rows of earlier versions lack them
    redirectUris: [],
    jwksUri: '',
    certificateBound: false,
    ...dataOf(row),
  });
}

/** What of a client stands in `data`. */
export type ClientData = Pick<
  Client,
  'description' | 'ownerEmail' | 'redirectUris' | 'jwks' | 'jwksUri' | 'certificateName' | 'certificateBound' | 'tags'
>;

/** Picks what stands in `data`. */
export function clientData(value: ClientData): ClientData {
  const { description, ownerEmail, redirectUris, jwks, jwksUri, certificateName, certificateBound, tags } = value;
  return { description, ownerEmail, redirectUris, jwks, jwksUri, certificateName, certificateBound, tags };
}

/** Standing as it is shown. */
export function standingFieldsOf(row: StandingColumns) {
  return {
    generation: row.generation,
    stateChangedAt: Number(row.state_changed_at),
    stateChangedBy: row.state_changed_by,
    ...(row.state_reason === null ? {} : { stateReason: row.state_reason }),
  };
}

/** The columns that say who changed a standing, when and why. */
export function standingColumns(unit: Unit, reason: string | undefined): Omit<StandingColumns, 'generation'> {
  return { state_changed_at: unit.now, state_changed_by: unit.actor.name, state_reason: reason ?? null };
}

/** Who changed a standing, when and why, as the change feed has it. */
export function changedFieldsOf(row: StandingColumns) {
  return {
    changedBy: row.state_changed_by,
    changedAt: Number(row.state_changed_at),
    ...(row.state_reason === null ? {} : { changedReason: row.state_reason }),
  };
}

/** @throws ProblemError `not_found` */
export async function getClientRow(reader: Reader, reference: string): Promise<ClientTable> {
  const row = await reader
    .selectFrom('clients')
    .selectAll()
    .where((one) => one.or([one('id', '=', reference), one('name', '=', reference)]))
    .executeTakeFirst();
  if (row === undefined) throw notFound('client', reference);
  return row;
}

/** Puts a client and its standing into the change feed. */
export function publishClient(unit: Unit, row: ClientTable): void {
  const { kind, authMethod, redirectUris, jwks, jwksUri, certificateName, certificateBound } = parseClient(row);
  const payload: FeedClient = {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    kind,
    authMethod,
    ...(redirectUris.length > 0 && { redirectUris }),
    ...(jwks !== undefined && { jwks: JSON.stringify(jwks) }),
    ...(jwksUri !== '' && { jwksUri }),
    ...(certificateName !== undefined && { certificateName }),
    ...(certificateBound && { certificateBound }),
    active: row.active === 1,
    generation: row.generation,
    ...changedFieldsOf(row),
  };
  unit.publish('client', row.id, payload);
}
