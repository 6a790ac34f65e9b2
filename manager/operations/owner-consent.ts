import * as z from 'zod';
import { ownerConsent, revokedGrants, revokeGrants } from '#core/model/resource-owner';
import { ProblemError } from '#core/problem';
import type { Consent } from '#core/token-store';
import type { Reader } from '../database.ts';
import { operation, pathParams } from '../operation.ts';
import { ownerObject } from '../owners/admit.ts';
import { CONSENTS_SHOWN, killGrants } from '../owners/grants.ts';
import { getClientRow } from '../records/client.ts';
import { getResourceOwner } from '../records/resource-owner.ts';
import { change } from '../unit-of-work.ts';

/** What resource owners allowed clients. It lies in the token stores; here it is shown and taken back. */
export const ownerConsentOperations = [
  operation({
    id: 'resourceOwners.listConsents',
    method: 'GET',
    path: '/resource-owners/:owner/consents',
    permission: 'resource-owners:read',
    summary: `List what a resource owner allowed clients, the newest ${CONSENTS_SHOWN}.`,
    params: pathParams('owner'),
    response: z.strictObject({ items: z.array(ownerConsent) }),
    handler: async ({ context, params }) => {
      const { row } = await getResourceOwner(context.db.read, params.owner);
      const newest = await context.tokenStores.listConsents(row.id, CONSENTS_SHOWN);
      return { body: { items: await named(context.db.read, newest) } };
    },
  }),
  operation({
    id: 'resourceOwners.revokeConsent',
    method: 'POST',
    path: '/resource-owners/:owner/revoke-consent',
    permission: 'resource-owners:write',
    summary: 'Forget what a resource owner allowed a client: they are asked again, and the tokens and grants end.',
    params: pathParams('owner'),
    body: z.strictObject({
      client: z.string().min(1).max(128).describe('Name or id of the client.'),
      project: z.string().min(1).max(128).describe('Name or id of the token end point project.'),
      reason: z.string().max(500).optional().describe('Why, for the audit trail and explanations.'),
    }),
    handler: async ({ context, actor, params, body }) => {
      await change(context, actor, async (unit) => {
        const { row } = await getResourceOwner(unit.tx, params.owner);
        const clientId = (await findNamed(unit.tx, 'clients', body.client))?.id ?? body.client;
        const projectId = (await findNamed(unit.tx, 'projects', body.project))?.id ?? body.project;
        const note = { by: actor.name, at: unit.now, reason: body.reason };
        const whose = { subject: row.id, clientId, projectId };
        if (!(await context.tokenStores.revokeConsent(whose, note)))
          throw new ProblemError('not_found', `${row.name} allowed the client ${body.client} nothing there.`);
        unit.audit({
          ...ownerObject(row),
          sentence: `What resource owner ${row.name} allowed the client ${body.client} was taken back.`,
        });
      });
      return { body: undefined };
    },
  }),
  operation({
    id: 'resourceOwners.revokeGrants',
    method: 'POST',
    path: '/resource-owners/:owner/revoke-grants',
    permission: 'resource-owners:write',
    summary: 'Kill the grants of a resource owner, or those to one client, with all their tokens. Consents stay.',
    params: pathParams('owner'),
    body: revokeGrants,
    response: revokedGrants,
    handler: async ({ context, actor, params, body }) => {
      const revoked = await change(context, actor, async (unit) => {
        const { row } = await getResourceOwner(unit.tx, params.owner);
        const client = body.client === undefined ? undefined : await getClientRow(unit.tx, body.client);
        const note = { by: actor.name, at: unit.now, reason: body.reason };
        const count = await killGrants(context, { subject: row.id, clientId: client?.id }, note);
        const to = client === undefined ? '' : ` to the client ${client.name}`;
        unit.audit({
          ...ownerObject(row),
          sentence: `${count} grant${count === 1 ? '' : 's'} of resource owner ${row.name}${to} ${count === 1 ? 'was' : 'were'} revoked.`,
        });
        return count;
      });
      return { body: { revoked } };
    },
  }),
];

async function named(reader: Reader, consents: readonly Consent[]): Promise<z.output<typeof ownerConsent>[]> {
  const clients = await namesOf(
    reader,
    'clients',
    consents.map(({ clientId }) => clientId),
  );
  const projects = await namesOf(
    reader,
    'projects',
    consents.map(({ projectId }) => projectId),
  );
  return consents.map(({ clientId, projectId, scopes, grantedAt, updatedAt }) => ({
    client: clients.get(clientId)?.name ?? clientId,
    clientDisplayName: clients.get(clientId)?.display_name ?? clientId,
    project: projects.get(projectId)?.name ?? projectId,
    scopes: [...scopes],
    grantedAt,
    updatedAt,
  }));
}

interface Named {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
}

async function namesOf(
  reader: Reader,
  table: 'clients' | 'projects',
  ids: readonly string[],
): Promise<ReadonlyMap<string, Named>> {
  if (ids.length === 0) return new Map();
  const rows = await reader
    .selectFrom(table)
    .select(['id', 'name', 'display_name'])
    .where('id', 'in', [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** What is gone is known by its id only. */
function findNamed(reader: Reader, table: 'clients' | 'projects', reference: string): Promise<Named | undefined> {
  return reader
    .selectFrom(table)
    .select(['id', 'name', 'display_name'])
    .where((one) => one.or([one('id', '=', reference), one('name', '=', reference)]))
    .executeTakeFirst();
}
