import { ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import { readHead } from '../feed/append.ts';
import { findUnsharedStore } from '../gateways/store-check.ts';
import { wrongValue } from '../http/validation.ts';
import { changedRecordColumns } from '../records/record.ts';
import { getTokenStoreRow, parseTokenStore, publishTokenStore } from '../records/token-store.ts';
import type { Unit } from '../unit-of-work.ts';
import { becomeDefault } from './default.ts';
import { tokenStoreObject } from './make.ts';
import type { StoreMove } from './move.ts';
import type { TokenStoreTable } from './tables.ts';

type Parts = Pick<ManagerContext, 'tokenStores' | 'services'>;

/**
 * Begins to move all that a store keeps into another one. What is new goes there from now on; the rest is moved by the leading manager (moving.ts).
 * Beginning a move that is under way changes nothing; one that is done is begun again, for what came since.
 * @throws ProblemError `state_conflict`, `validation_failed` with a pointer to `/to`
 */
export async function beginMove(unit: Unit, context: Parts, from: TokenStoreTable, toName: string): Promise<void> {
  const to = await getTokenStoreRow(unit.tx, toName).catch((error: unknown) => {
    if (error instanceof ProblemError && error.code === 'not_found')
      throw wrongValue('/to', 'unknown', `There is no token store ${toName}.`);
    throw error;
  });
  if (from.moves_to === to.name && from.moved_at === null) {
    unit.audit({
      ...tokenStoreObject(from),
      sentence: `Token store ${from.name} is being migrated to ${to.name} already.`,
    });
    return;
  }
  await checkMove(unit, context, from, to);
  const move: StoreMove = { startedAt: unit.now, startedBy: unit.actor.name };
  if (from.is_default === 1) await becomeDefault(unit, to);
  const current = await getTokenStoreRow(unit.tx, from.id);
  const columns = {
    ...changedRecordColumns(unit, current, {}),
    ...{ moves_to: to.name, moved_at: null, move: JSON.stringify(move) },
  };
  await unit.tx.updateTable('token_stores').set(columns).where('id', '=', from.id).execute();
  publishTokenStore(unit, { ...current, ...columns });
  unit.audit({
    ...tokenStoreObject(from),
    sentence: `Token store ${from.name} is migrated to ${to.name}.`,
    before: parseTokenStore(from, context.tokenStores.configured.kind),
    after: parseTokenStore({ ...current, ...columns }, context.tokenStores.configured.kind),
  });
}

async function checkMove(unit: Unit, context: Parts, from: TokenStoreTable, to: TokenStoreTable): Promise<void> {
  const { tokenStores, services } = context;
  if (from.id === to.id) throw wrongValue('/to', 'not_allowed', 'A token store is migrated to another one.');
  if (from.moves_to !== null && from.moves_to !== to.name)
    throw new ProblemError('state_conflict', `${from.name} is, or was migrated to ${from.moves_to}.`);
  if (to.moves_to !== null)
    throw new ProblemError(
      'state_conflict',
      `${to.name} is, or was itself migrated to ${to.moves_to}. Choose that one.`,
    );
  const others = await unit.tx
    .selectFrom('token_stores')
    .select('name')
    .where('moves_to', '=', from.name)
    .where('moved_at', 'is', null)
    .execute();
  if (others[0] !== undefined)
    throw new ProblemError(
      'state_conflict',
      `${others[0].name} is being migrated to ${from.name}. Wait until that is done.`,
    );
  for (const [row, pointer] of [
    [from, ''],
    [to, '/to'],
  ] as const) {
    const { kind } = parseTokenStore(row, tokenStores.configured.kind);
    if (kind === 'memory')
      throw wrongValue(
        pointer,
        'not_allowed',
        `${row.name} is in the memory of each process: nothing can be migrated out of it or into it.`,
      );
    const opened = tokenStores.opened().find(({ name }) => name === row.name);
    if (opened === undefined || !opened.isAnswering)
      throw new ProblemError(
        'state_conflict',
        `The token store ${row.name} does not answer${opened?.problem === undefined ? '' : `: ${opened.problem}`}.`,
      );
  }
  const gateways = services.gateways.list(await readHead(unit.tx));
  for (const group of new Set(gateways.map(({ serverGroup }) => serverGroup))) {
    const unshared = findUnsharedStore(
      gateways.filter(({ serverGroup }) => serverGroup === group),
      to,
    );
    if (unshared !== undefined) throw wrongValue('/to', 'store_not_shared', unshared.sentence);
  }
}
