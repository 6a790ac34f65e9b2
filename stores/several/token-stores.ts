import type { Clock } from '#core/clock';
import { UnavailableError } from '#core/errors';
import type { Consent, Grant, RevocationNote, TokenStore, Unknown } from '#core/token-store';
import type { TokenStores } from '#core/token-stores';
import { codeReplayed, refreshReplayed } from '../grant-state.ts';
import { createHints } from '../hints.ts';
import { askAll, firstKnown, tellAll } from './ask.ts';
import { joinedChanges } from './joined-changes.ts';
import { type Member, type Members, orderMembers } from './members.ts';
import { askWhereItIs, buryAccess, buryGrant, tellAllTwice } from './moved.ts';
import { joinedStandings, lowestMark } from './standings.ts';

/** Several stores as one, and which they are now. */
export interface SeveralTokenStores extends TokenStores {
  /** Takes these stores from now on. Whoever took one away closes it. */
  use(members: readonly Member[]): void;
}

const isUnknown = ({ state }: { readonly state: string }) => state === 'unknown';
const isMissing = (found: unknown) => found === undefined;
const isFalse = (done: boolean) => !done;

/** Makes one store of several. With a single one each call goes straight to it. */
export function createSeveralTokenStores(clock: Clock): SeveralTokenStores {
  let members: Members = orderMembers([]);
  const hints = createHints();
  const view = (name: string): TokenStore => {
    /** The store in which a grant is: it dies there with its tokens. New ones, and those of a store that is away, go where new things go. */
    const homeOf = async (grantId: string | undefined): Promise<TokenStore> => {
      const preferred = members.preferred(name);
      if (grantId === undefined || members.all.length === 1) return preferred;
      for (const store of members.inOrder(name)) {
        try {
          if ((await store.findGrant(grantId)) !== undefined) return store;
        } catch (error) {
          if (!(error instanceof UnavailableError)) throw error;
        }
      }
      return preferred;
    };
    /** A grant that a replay killed in one store may have been saved anew in another. */
    const killElsewhere = async (grant: Grant, note: RevocationNote) => {
      if (members.all.length === 1) return;
      await buryGrant(members, grant.id, note);
      await tellAll(members.all, (store) => store.revokeGrant(grant.id, note));
    };
    const ask = <T>(question: (store: TokenStore) => T | Promise<T>, unknown: (answer: T) => boolean) =>
      firstKnown(members.inOrder(name), question, unknown);
    const askDefaults = async <T>(question: (store: TokenStore) => Promise<T>, unknown: (answer: T) => boolean) =>
      firstKnown(members.defaults(clock.now()), question, unknown);
    const askTaken = <T extends { readonly state: string } | Unknown>(
      question: (store: TokenStore) => T | Promise<T>,
    ) => askWhereItIs(question, (one) => ask(one, isUnknown));
    const all = <T>(question: (store: TokenStore) => T | Promise<T>) => tellAll(members.all, question);
    /** True when one of them had it; a store that is away may have been the one. */
    const anyOf = async (question: (store: TokenStore) => Promise<boolean>) => {
      const { answers, away } = await askAll(members.all, question);
      // Of what is moved several may have it.
      if (away !== undefined && (!answers.includes(true) || members.underWay.length > 0)) throw away;
      return answers.includes(true);
    };
    return {
      get kind() {
        return members.inOrder(name)[0]?.kind ?? 'none';
      },
      async saveAccess(token) {
        await (await homeOf(token.grantId)).saveAccess(token);
      },
      async saveIssue(issue) {
        await (await homeOf(issue.grant?.id)).saveIssue(issue);
      },
      async consumeCode(hash, attempt) {
        const consumed = await askTaken((store) => store.consumeCode(hash, attempt));
        if (consumed.state === 'replayed') await killElsewhere(consumed.grant, codeReplayed(attempt.now));
        return consumed;
      },
      findRefresh: (hash, now) => askTaken((store) => store.findRefresh(hash, now)),
      async rotateRefresh(rotation) {
        const rotated = await askTaken((store) => store.rotateRefresh(rotation));
        if (rotated.state !== 'replayed' || members.all.length === 1) return rotated;
        const found = await askTaken((store) => store.findRefresh(rotation.hash, rotation.now));
        if (found.state !== 'unknown') await killElsewhere(found.grant, refreshReplayed(rotation.now));
        return rotated;
      },
      findGrant: async (id) => ask((store) => store.findGrant(id), isMissing),
      async revokeGrant(id, note) {
        await buryGrant(members, id, note);
        return anyOf((store) => store.revokeGrant(id, note));
      },
      revokeGrantsOf: async (whose, note) =>
        sum(await tellAllTwice(members, (store) => store.revokeGrantsOf(whose, note))),
      async rememberOnce(kind, id, until) {
        const stores = members.defaults(clock.now());
        if (stores.length === 0) members.preferred('');
        const first = await tellAll(stores, (store) => store.rememberOnce(kind, id, until));
        return !first.includes(false);
      },
      saveTransient: async (transient) => members.preferred('').saveTransient(transient),
      findTransient: (kind, id, now) => askDefaults((store) => store.findTransient(kind, id, now), isMissing),
      replaceTransient: (transient) => askDefaults((store) => store.replaceTransient(transient), isFalse),
      takeTransient: (kind, id, now) => askDefaults((store) => store.takeTransient(kind, id, now), isMissing),
      saveConsent: async (consent) => members.preferred('').saveConsent(consent),
      findConsent: async (whose) => firstKnown(members.all, (store) => store.findConsent(whose), isMissing),
      async listConsents(subject, limit) {
        const lists = await all((store) => store.listConsents(subject, limit));
        return newestConsents(lists.flat(), limit);
      },
      async revokeConsent(whose, note) {
        return (await tellAllTwice(members, (store) => store.revokeConsent(whose, note))).includes(true);
      },
      findAccess: (hash, now) => ask((store) => store.findAccess(hash, now), isUnknown),
      async revokeAccess(hash, note) {
        await buryAccess(members, hash, note);
        return anyOf((store) => store.revokeAccess(hash, note));
      },
      async writeStandings(standings) {
        await all((store) => store.writeStandings(standings));
      },
      readStandings: () => joinedStandings(members.all),
      readFeedMark: async () => lowestMark(await all((store) => store.readFeedMark())),
      async writeFeedMark(mark) {
        await all((store) => store.writeFeedMark(mark));
      },
      listen: hints.listen,
      changesSince: (cursor, limit) => joinedChanges(members.named, cursor, limit),
      countLive: (clientId, now) => countLive(members, clientId, now),
      // Of the store that is preferred: several have no order together.
      copyOut: async (kind, after, limit) => members.preferred(name).copyOut(kind, after, limit),
      copyIn: async (rows) => members.preferred(name).copyIn(rows),
      async sizes() {
        const { answers, away } = await askAll(members.all, (store) => store.sizes());
        if (answers.length === 0 && away !== undefined) throw away;
        return sumByKind(answers);
      },
      async warnings() {
        return (await askAll(members.all, async (store) => store.warnings())).answers.flat();
      },
      purge: async (now, limit) => sum((await askAll(members.all, (store) => store.purge(now, limit))).answers),
      async [Symbol.asyncDispose]() {
        await hints[Symbol.asyncDispose]();
        await Promise.all(members.all.map((store) => store[Symbol.asyncDispose]()));
      },
    };
  };
  return Object.assign(view(''), {
    preferring: view,
    use(list: readonly Member[]) {
      members = orderMembers(list);
      hints.follow(members.named.values());
    },
  });
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

function sumByKind(sizes: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const total: Record<string, number> = {};
  for (const one of sizes) for (const [kind, n] of Object.entries(one)) total[kind] = (total[kind] ?? 0) + n;
  return total;
}

/** Newest first; of one that stands in several stores the newer. */
function newestConsents(consents: readonly Consent[], limit: number): readonly Consent[] {
  const newestFirst = [...consents].sort((a, b) => b.updatedAt - a.updatedAt);
  const seen = new Map<string, Consent>();
  for (const consent of newestFirst) {
    const key = JSON.stringify([consent.clientId, consent.projectId]);
    if (!seen.has(key)) seen.set(key, consent);
  }
  return [...seen.values()].slice(0, limit);
}

/** Of the stores that answer: a limit is not worth refusing everybody while one of several is away. */
function countLive({ all, moves }: Members, clientId: string, now: number): number | Promise<number> {
  const [only] = all;
  if (only !== undefined && all.length === 1) return only.countLive(clientId, now);
  const counts = new Map<TokenStore, number>();
  const count = async (store: TokenStore) => counts.set(store, await store.countLive(clientId, now));
  return askAll(all, count).then(({ answers, away }) => {
    if (answers.length === 0 && away !== undefined) throw away;
    // Of two that have the same tokens the one with more counts.
    for (const { from, to } of moves) {
      counts.set(to, Math.max(counts.get(from) ?? 0, counts.get(to) ?? 0));
      counts.delete(from);
    }
    return sum([...counts.values()]);
  });
}
