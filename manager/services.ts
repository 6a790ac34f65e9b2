import path from 'node:path';
import type { AttentionItem } from '#core/model/overview/screens';
import { type AuditKeeping, createAuditKeeping } from './audit/keeping.ts';
import type { BaseContext } from './context.ts';
import { createDraftHashes, type DraftHashes } from './deployments/draft-hashes.ts';
import { type ExchangeLog, openExchangeLog } from './exchanges/exchange-log.ts';
import { DEFAULT_TOMBSTONE_AGE_MS, openFeed, purgeTombstones } from './feed/append.ts';
import { createSignal, type Signal } from './feed/signal.ts';
import { startStandingPublisher } from './feed/standing-publisher.ts';
import { followOthers } from './follow-others.ts';
import { type Members, openMembers } from './gateways/members.ts';
import { type Gateways, openGateways } from './gateways/seen-gateways.ts';
import { createDocumentReader, type DocumentReader } from './import/document/reader.ts';
import { type Lease, NotLeading, openLease } from './lease.ts';
import { createMemo, type Memo } from './memo.ts';
import { createStreamLimit, type StreamLimit } from './metrics/stream-limit.ts';
import { type FirstCall, watchFirstCall } from './overview/first-call.ts';
import { forgetDeletedSubjects } from './owners/forget-subjects.ts';
import { createOwnerSignIn, type OwnerSignIn } from './owners/services.ts';
import { readWantedStores } from './records/token-store.ts';
import { collectSecretUses, type SecretUses } from './secret-uses.ts';

/** How long a change waits for the token stores; then they are brought up in the background. */
const STANDING_WAIT_MS = 1000;
const SAVE_EVERY_MS = 10_000;
/** Where other managers show the gateways too, that is how late they hear of them. */
const SHARE_EVERY_MS = 1000;
/** Live streams that one session or key may have open: a tab each, and some. */
const STREAMS_LIMIT = 10;
/** Sooner than the rest: whoever ends a secret is asked when it was used a moment ago. */
const SAVE_USES_EVERY_MS = 2_000;
const RETAIN_EVERY_MS = 60_000;
const SIGN_EVERY_MS = 1000;

/** What stands beside the API while the manager runs: the feed's readers, standings, gateways, exchange records. */
export interface Services {
  /** Woken after each commit with feed entries; closed when the manager stops. */
  readonly feedSignal: Signal;
  readonly gateways: Gateways;
  /** Which gateways joined, and what each is told. */
  readonly members: Members;
  readonly exchanges: ExchangeLog;
  readonly auditKeeping: AuditKeeping;
  readonly secretUses: SecretUses;
  /** What is known of drafts' contents, so that lists need not read them. */
  readonly draftHashes: DraftHashes;
  /** What of the database needs attention, by kind: every page asks for it. */
  readonly attentionMemo: Memo<AttentionItem[][]>;
  readonly firstCall: FirstCall;
  /** Who does what only one manager of a database may do. */
  readonly lease: Lease;
  /** Signing in resource owners. */
  readonly owners: OwnerSignIn;
  /** How many streams of the traffic each principal has open. */
  readonly liveStreams: StreamLimit;
  /** Reads documents that are imported. */
  readonly documents: DocumentReader;
  /** When the feed last grew: a gateway that is behind right after it does not lag. */
  readonly lastCommitAt: number;
  /** Runs after a commit with feed entries: wakes the feed's readers and writes standings. Never throws. */
  afterCommit(seq: number): Promise<void>;
  /** Ends the streams; then the listeners can close. */
  endStreams(): void;
  close(): Promise<void>;
}

/** Starts them on an open, migrated database. */
export async function createServices(base: BaseContext): Promise<Services> {
  const { db, clock, random, logger, tokenStores, dataDir, options } = base;
  await openFeed(db, random);
  const lease = await openLease({ db, logger });
  const feedSignal = createSignal();
  const members = await openMembers(db);
  const gateways = await openGateways({ db, members, clock, logger });
  const exchanges = openExchangeLog(path.join(dataDir, 'exchanges.db'), logger, options.records);
  const secretUses = collectSecretUses(db);
  const publisher = startStandingPublisher({ db, stores: tokenStores, logger });
  const takeStores = async () => {
    const wanted = await readWantedStores(db.read, base.masterKeys.secretBox());
    if (wanted.length === 0) return;
    await tokenStores.use(wanted);
    publisher.follow();
  };
  await takeStores();

  const auditKeeping = createAuditKeeping({ ...base, db: lease.leading });
  const owners = createOwnerSignIn(base);

  const retain = async () => {
    await exchanges.retain(clock.now());
    if (!lease.isHeld) return;
    const before = clock.now() - DEFAULT_TOMBSTONE_AGE_MS;
    await purgeTombstones(lease.leading, before);
    if ((await forgetDeletedSubjects(lease.leading, { before, now: clock.now() })) !== undefined) feedSignal.wake();
  };
  const asLeader = (duty: () => Promise<void>) => async () => {
    if (lease.isHeld) await duty();
  };
  const every = (ms: number, what: string, step: () => Promise<void>) => {
    let running: Promise<void> = Promise.resolve();
    const run = () => {
      running = running.then(step).catch((error: unknown) => {
        if (!(error instanceof NotLeading)) logger.error({ err: error }, `${what} failed.`);
      });
    };
    const timer = setInterval(run, ms).unref();
    return async () => {
      clearInterval(timer);
      await running;
    };
  };
  const stops = [
    every(db.sharedUrl === undefined ? SAVE_EVERY_MS : SHARE_EVERY_MS, 'Saving what gateways told', async () => {
      await gateways.save();
      if (db.sharedUrl !== undefined) await gateways.refresh();
    }),
    every(SAVE_USES_EVERY_MS, 'Saving when secrets were used', () => secretUses.save()),
    every(SAVE_EVERY_MS, 'Saving when resource owners signed in', () => owners.signIns.save()),
    every(RETAIN_EVERY_MS, 'Forgetting what is old', retain),
    every(
      RETAIN_EVERY_MS,
      'Forgetting old entries of the audit trail',
      asLeader(() => auditKeeping.retain()),
    ),
    every(
      SIGN_EVERY_MS,
      'Signing the audit trail',
      asLeader(() => auditKeeping.tick()),
    ),
  ];

  let lastCommitAt = clock.now();
  const others = followOthers({
    db,
    logger,
    async onChange() {
      lastCommitAt = clock.now();
      await members.reload();
      feedSignal.wake();
      gateways.signal.wake();
      await takeStores();
      publisher.follow();
    },
  });
  const endStreams = () => {
    feedSignal.close();
    gateways.signal.close();
    exchanges.arrivals.signal.close();
  };
  return {
    feedSignal,
    gateways,
    members,
    exchanges,
    auditKeeping,
    secretUses,
    draftHashes: createDraftHashes(base.policyTypes),
    attentionMemo: createMemo(),
    firstCall: watchFirstCall(db, exchanges),
    lease,
    owners,
    liveStreams: createStreamLimit(STREAMS_LIMIT),
    documents: createDocumentReader(),
    get lastCommitAt() {
      return lastCommitAt;
    },
    async afterCommit(seq) {
      lastCommitAt = clock.now();
      feedSignal.wake();
      await takeStores();
      await publisher.publish(seq, STANDING_WAIT_MS);
    },
    endStreams,
    async close() {
      endStreams();
      for (const stop of stops) await stop();
      await others[Symbol.asyncDispose]();
      await owners.passwords[Symbol.asyncDispose]();
      await Promise.all([gateways.save(), secretUses.save(), owners.signIns.save()]).catch((error: unknown) =>
        logger.error({ err: error }, 'Saving what gateways told failed.'),
      );
      await asLeader(() => auditKeeping.finish())().catch((error: unknown) =>
        logger.error({ err: error }, 'Signing the audit trail failed.'),
      );
      await lease[Symbol.asyncDispose]();
      await publisher[Symbol.asyncDispose]();
      await exchanges[Symbol.asyncDispose]();
    },
  };
}
