import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '#core/signing-keys';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { NotLeading } from '../lease.ts';
import { readSettings } from '../people/settings.ts';
import { type Actor, change, type Unit } from '../unit-of-work.ts';
import { createPair, insertSigningKey, listSigningKeyRows, type NewPair, publishSigningKeys } from './keys.ts';
import { algorithmOf, PUBLISHED_BEFORE_MS, type SigningKeySteps, stepsOf } from './schedule.ts';
import type { SigningKeyTable } from './tables.ts';

const KEEP_EVERY_MS = 60_000;
const DAY_MS = 86_400_000;
const actor: Actor = {
  ...{ name: 'system', via: 'system', operation: 'signingKeys.keep' },
  ...{ keyId: undefined, requestId: undefined },
};

/** How long a key signs, in ms, as Settings say. */
export async function rotationMsOf(reader: Reader): Promise<number> {
  return (await readSettings(reader)).signingKeyRotationDays * DAY_MS;
}

/**
 * Does what is due with the signing keys: makes those that are missing, publishes successors, lets them sign, takes away retired ones whose
 * tokens have ended. Doing it again changes nothing.
 */
export async function keepSigningKeys(context: ManagerContext): Promise<void> {
  const { db, clock } = context;
  const look = async (reader: Reader) =>
    stepsOf(await listSigningKeyRows(reader), { now: clock.now(), rotationMs: await rotationMsOf(reader) });
  const due = await look(db.read);
  if (isNothing(due)) return;
  // Before the transaction, which everybody else waits for.
  const pairs = await createPairs([...due.missing, ...due.successors.map(({ algorithm }) => algorithm)]);
  await change(context, actor, async (unit) => {
    const steps = await look(unit.tx);
    const places = [
      ...steps.missing.map((algorithm) => ({ algorithm, state: 'current' as const, signsAt: unit.now })),
      ...steps.successors.map((successor) => ({ ...successor, state: 'next' as const })),
    ];
    for (const { algorithm, ...place } of places) {
      const pair = pairs.get(algorithm);
      if (pair === undefined) continue; // it became due meanwhile: the next time
      noteKey(unit, await insertSigningKey(unit, pair, { ...place, ...sealing(context) }), 'was made');
    }
    for (const next of steps.promoted) await promote(unit, next);
    for (const retired of steps.removed) await removeKey(unit, retired);
    await publishSigningKeys(unit);
    noteAll(unit, 'The signing keys were looked after.');
  });
}

/** Keeps the signing keys from now on, while this manager leads. Gives what stops it. @param context with the database as leader */
export function startSigningKeyRotation(context: ManagerContext): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const run = () => {
    running = running
      .then(async () => {
        if (context.services.lease.isHeld) await keepSigningKeys(context);
      })
      .catch((error: unknown) => {
        if (!(error instanceof NotLeading))
          context.logger.error({ err: error }, 'Looking after the signing keys failed.');
      });
  };
  const timer = setInterval(run, KEEP_EVERY_MS).unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

/** What somebody wants of a rotation. */
export interface RotationWish {
  readonly algorithm?: SigningAlgorithm | undefined;
  /** True: the next key signs at once. */
  readonly force: boolean;
}

/**
 * Begins a rotation by hand: the next key of each algorithm, made when there is none, signs as soon as it was published for a day, or at once.
 */
export async function rotateSigningKeysNow(context: ManagerContext, by: Actor, wish: RotationWish): Promise<void> {
  const algorithms = wish.algorithm === undefined ? SIGNING_ALGORITHMS : [wish.algorithm];
  const pairs = await createPairs(await withoutNext(context.db.read, algorithms));
  await change(context, by, async (unit) => {
    for (const algorithm of algorithms) {
      const next = (await listSigningKeyRows(unit.tx)).find(isNextOf(algorithm));
      const pair = pairs.get(algorithm);
      if (next === undefined && pair === undefined) continue; // promoted meanwhile: that is the rotation
      const row =
        next ??
        (await insertSigningKey(unit, pair ?? (await createPair(algorithm)), {
          ...{ state: 'next', signsAt: unit.now + PUBLISHED_BEFORE_MS },
          ...sealing(context),
        }));
      const signsAt = wish.force ? unit.now : Math.max(unit.now, row.created_at + PUBLISHED_BEFORE_MS);
      await unit.tx.updateTable('signing_keys').set({ signs_at: signsAt }).where('kid', '=', row.kid).execute();
      noteKey(
        unit,
        row,
        signsAt <= unit.now ? 'signs from now on' : `signs from ${new Date(signsAt).toISOString()} on`,
      );
      if (signsAt <= unit.now) await promote(unit, { ...row, signs_at: signsAt });
    }
    await publishSigningKeys(unit);
    noteAll(unit, 'A rotation of the signing keys was begun.');
  });
}

/**
 * Takes a key out of use. A current one is replaced at once, by its successor or a new one, and stays published. `force`: whichever it is, it is
 * published no longer, and what it signed is refused.
 */
export async function retireSigningKeyNow(
  context: ManagerContext,
  by: Actor,
  { row, force }: { readonly row: SigningKeyTable; readonly force: boolean },
): Promise<void> {
  const algorithm = algorithmOf(row);
  const pairs = await createPairs(await withoutNext(context.db.read, [algorithm]));
  await change(context, by, async (unit) => {
    const rows = await listSigningKeyRows(unit.tx);
    const found = rows.find(({ kid }) => kid === row.kid);
    if (found?.state === 'current') {
      const pair = pairs.get(algorithm) ?? (await createPair(algorithm));
      const next =
        rows.find(isNextOf(algorithm)) ??
        (await insertSigningKey(unit, pair, { state: 'next', signsAt: unit.now, ...sealing(context) }));
      await promote(unit, { ...next, signs_at: unit.now });
    }
    if (found !== undefined && (force || found.state === 'next')) await removeKey(unit, found);
    await publishSigningKeys(unit);
    noteKey(unit, row, force ? 'was taken away: what it signed is refused' : 'was retired');
  });
}

function sealing({ masterKeys, random }: ManagerContext) {
  return { box: masterKeys.secretBox(), random };
}

function isNextOf(wanted: SigningAlgorithm): (row: SigningKeyTable) => boolean {
  return ({ algorithm, state }) => algorithm === wanted && state === 'next';
}

async function withoutNext(reader: Reader, algorithms: readonly SigningAlgorithm[]): Promise<SigningAlgorithm[]> {
  const rows = await listSigningKeyRows(reader);
  return algorithms.filter((algorithm) => !rows.some(isNextOf(algorithm)));
}

async function createPairs(algorithms: readonly SigningAlgorithm[]): Promise<Map<SigningAlgorithm, NewPair>> {
  const pairs = await Promise.all(algorithms.map(createPair));
  return new Map(pairs.map((pair) => [pair.algorithm, pair]));
}

/** The next key signs; the one before it stays published, without its private half. */
async function promote(unit: Unit, next: SigningKeyTable): Promise<void> {
  await unit.tx
    .updateTable('signing_keys')
    .set({ state: 'retired', private_sealed: null, retired_at: unit.now })
    .where('algorithm', '=', next.algorithm)
    .where('state', '=', 'current')
    .execute();
  await unit.tx
    .updateTable('signing_keys')
    .set({ state: 'current', signs_at: next.signs_at })
    .where('kid', '=', next.kid)
    .execute();
  noteKey(unit, next, 'signs from now on');
}

async function removeKey(unit: Unit, row: SigningKeyTable): Promise<void> {
  await unit.tx.deleteFrom('signing_keys').where('kid', '=', row.kid).execute();
  noteKey(unit, row, 'is no longer published');
}

function isNothing({ missing, successors, promoted, removed }: SigningKeySteps): boolean {
  return missing.length + successors.length + promoted.length + removed.length === 0;
}

function noteKey(unit: Unit, { kid, algorithm }: SigningKeyTable, what: string): void {
  const sentence = `The signing key ${kid} (${algorithm}) ${what}.`;
  unit.audit({ objectKind: 'signing-key', objectId: kid, objectName: kid, sentence });
}

function noteAll(unit: Unit, sentence: string): void {
  unit.audit({ objectKind: 'signing-key', objectId: 'oauth', objectName: 'signing keys', sentence });
}
