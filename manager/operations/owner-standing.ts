import { stateChange } from '#core/model/client';
import { resourceOwner } from '#core/model/resource-owner';
import { operation, pathParams } from '../operation.ts';
import { ownerObject } from '../owners/admit.ts';
import { showOwner, updateOwner } from '../owners/shown-owner.ts';
import type { ResourceOwnerTable } from '../owners/tables.ts';
import { changedRecordColumns } from '../records/record.ts';
import {
  getResourceOwner,
  type PlacedOwner,
  parseResourceOwner,
  publishSubject,
  subjectStateColumns,
} from '../records/resource-owner.ts';
import { change, type Unit } from '../unit-of-work.ts';

/** The standing of resource owners. */
export const ownerStandingOperations = [
  standingOperation({
    act: 'enable',
    summary: 'Enable a resource owner again.',
    changed: 'was enabled',
    next: (row) => (row.active === 1 ? undefined : { active: 1, generation: row.generation }),
  }),
  standingOperation({
    act: 'disable',
    summary: 'Disable a resource owner: sign-ins and tokens are refused at once, until enabled.',
    changed: 'was disabled',
    next: (row) => (row.active === 0 ? undefined : { active: 0, generation: row.generation }),
  }),
  standingOperation({
    act: 'revoke-tokens',
    summary: 'Revoke every token of a resource owner, at every client. They can sign in again.',
    changed: 'had all their tokens revoked',
    next: (row) => ({ active: row.active, generation: row.generation + 1 }),
  }),
];

interface StandingAct {
  readonly act: 'enable' | 'disable' | 'revoke-tokens';
  readonly summary: string;
  /** What the audit trail says. */
  readonly changed: string;
  /** The new standing; undefined: it is so already, nothing is written. */
  next(row: ResourceOwnerTable): { readonly active: number; readonly generation: number } | undefined;
}

function standingOperation(act: StandingAct) {
  return operation({
    id: `resourceOwners.${act.act === 'revoke-tokens' ? 'revokeTokens' : act.act}`,
    method: 'POST',
    path: `/resource-owners/:owner/${act.act}`,
    permission: 'resource-owners:write',
    summary: act.summary,
    params: pathParams('owner'),
    body: stateChange,
    response: resourceOwner,
    handler: async ({ context, actor, params, body }) => {
      const seen = await getResourceOwner(context.db.read, params.owner);
      if (act.next(seen.row) === undefined) return { body: showOwner(context, seen), revision: seen.row.revision };
      const changed = await change(context, actor, (unit) => changeStanding(unit, act, { id: seen.row.id, ...body }));
      return { body: showOwner(context, changed), revision: changed.row.revision };
    },
  });
}

async function changeStanding(
  unit: Unit,
  act: StandingAct,
  request: { readonly id: string; readonly reason?: string | undefined },
): Promise<PlacedOwner> {
  const { row, directory } = await getResourceOwner(unit.tx, request.id);
  const columns = {
    ...changedRecordColumns(unit, row, {}),
    ...(act.next(row) ?? {}),
    ...subjectStateColumns(unit, request.reason),
  };
  const after = await updateOwner(unit, { row, directory }, columns);
  publishSubject(unit, after);
  const because = request.reason === undefined ? '' : `: ${request.reason}`;
  unit.audit({
    ...ownerObject(row),
    sentence: `Resource owner ${row.name} ${act.changed}${because}.`,
    before: parseResourceOwner(row, directory.name),
    after: parseResourceOwner(after, directory.name),
  });
  return { row: after, directory };
}
