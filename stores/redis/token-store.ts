import type { Clock } from '#core/clock';
import { base62 } from '#core/id';
import type { Logger } from '#core/logger';
import type { TokenStorePlace } from '#core/model/token-store';
import type { Random } from '#core/random';
import type { Standing } from '#core/standing';
import type { Consent, RefreshToken, RevocationNote, StoreChange, TokenStore } from '#core/token-store';
import { cursorOf, isPlaceLost, parseCursor } from '../feed-cursor.ts';
import {
  codeReplayed,
  grantsEndedBefore,
  judgeCode,
  judgeGrant,
  judgeRefresh,
  judgeRotation,
  refreshReplayed,
} from '../grant-state.ts';
import { checkTransient, recordKey } from '../record-key.ts';
import { type FindStanding, judgeToken, minuteOf, missingGrant } from '../token-state.ts';
import { connectRedis } from './connection.ts';
import { createCopies } from './copy.ts';
import * as rows from './rows.ts';
import { parseRedisUrl, redisPlaceOf } from './url.ts';

/** How much longer than expiry and retention a key stays when nobody purges. */
const GARBAGE_MS = 3_600_000;

/** How the Redis store is opened. */
export interface RedisStoreOptions {
  readonly retentionMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
}

/**
 * A token store on Redis or Valkey, for gateways on several hosts. Each step is one script (`script.ts`); what became of a token is judged
 * here, like for every engine.
 * @throws ConfigurationError for a URL that is wrong
 * @throws UnavailableError when it cannot be reached
 */
export async function openRedisTokenStore(
  where: string | Extract<TokenStorePlace, { kind: 'redis' }>,
  options: RedisStoreOptions,
): Promise<TokenStore> {
  const { retentionMs, clock, logger, random } = options;
  const place = typeof where === 'string' ? parseRedisUrl(where) : redisPlaceOf(where);
  const connection = await connectRedis(place, logger);
  const epoch = base62(random, 16);
  const margin = String(retentionMs + GARBAGE_MS);

  const run = (operation: string, input: unknown) =>
    connection.run(operation, JSON.stringify(input), String(clock.now()), margin) as Promise<rows.Reply>;
  const key = (...[kind, id]: Parameters<typeof recordKey>) => recordKey(kind, id).toString('hex');
  const noteText = ({ by, at, reason }: RevocationNote) => JSON.stringify({ by, at, reason });
  const hashed = (name: string) => `${place.prefix}${name}`;

  /** What the script found, taken apart. */
  function parseFound(reply: rows.Reply) {
    if (!Array.isArray(reply)) return undefined;
    const [data, own, grant, grantRevocation, flag, ...rest] = reply as (string | null)[];
    const standings = rest.flatMap((text) => (text === null ? [] : [rows.parseNoted<Standing>(text)]));
    const findStanding: FindStanding = (kind, id) => standings.find((one) => one.kind === kind && one.id === id);
    const revocation = grantRevocation == null ? undefined : rows.parseNoted<RevocationNote>(grantRevocation);
    const held = grant == null ? undefined : { grant: rows.parseGrant(grant), revocation };
    return { data: String(data), own: own ?? undefined, held, findStanding, flag: Number(flag) };
  }
  function parseRefresh(reply: rows.Reply) {
    const found = parseFound(reply);
    if (found?.held === undefined) return undefined;
    const used = found.own === undefined ? undefined : rows.read<{ at: number; by: string }>(found.own);
    const standing = judgeGrant(found.held, found.findStanding);
    return { token: rows.read<RefreshToken>(found.data), used, ...found.held, standing, isSaved: found.flag === 1 };
  }
  async function readStandings(): Promise<readonly Standing[]> {
    const texts = (await connection.call('HVALS', hashed('s'))) as string[];
    return texts.map((text) => rows.parseNoted<Standing>(text));
  }
  const whoseConsent = ({ clientId, projectId }: Pick<Consent, 'clientId' | 'projectId'>) => `${clientId} ${projectId}`;

  return {
    kind: 'redis',
    saveAccess: async (token) => void (await run('saveAccess', rows.accessInput(token))),
    async saveIssue({ grant, code, access, refresh }) {
      await run('saveIssue', {
        grant: grant && rows.grantInput(grant),
        code: code && rows.issuedInput(code),
        access: access && rows.accessInput(access),
        refresh: refresh && rows.issuedInput(refresh),
      });
    },
    async consumeCode(hash, { id, now }) {
      const input = { h: hash, id, note: noteText(codeReplayed(now)) };
      const ask = async (take: boolean) => {
        const found = parseFound(await run('consume', { ...input, take }));
        if (found?.held === undefined) return undefined;
        const standing = judgeGrant(found.held, found.findStanding);
        const stored = { code: rows.parseCode(found.data), consumedBy: found.own, grant: found.held.grant, standing };
        return { stored, judged: judgeCode(stored, { id, now }) };
      };
      let asked = await ask(false);
      if (asked?.judged.state === 'consumed' && asked.stored.consumedBy === undefined) asked = await ask(true);
      return asked?.judged ?? { state: 'unknown' };
    },
    async findRefresh(hash, now) {
      const found = parseRefresh(await run('find', { kind: 'r', h: hash }));
      return found === undefined ? { state: 'unknown' } : judgeRefresh(found, now);
    },
    async rotateRefresh(rotation) {
      const { hash, attemptId, now, graceMs, access, successor } = rotation;
      const input = {
        ...{ h: hash, id: attemptId, at: now, grace: graceMs, note: noteText(refreshReplayed(now)) },
        ...{ used: JSON.stringify({ at: now, by: attemptId }) },
        ...{ access: rows.accessInput(access), successor: rows.issuedInput(successor) },
      };
      const ask = async (take: boolean) => {
        const found = parseRefresh(await run('rotate', { ...input, take }));
        return found === undefined ? undefined : judgeRotation(found, rotation, found.isSaved);
      };
      let judged = await ask(false);
      if (judged?.state === 'rotated') judged = await ask(true);
      if (judged === undefined) return { state: 'unknown' };
      if (judged.state === 'graced') await run('saveAccess', rows.accessInput(access));
      return judged.state === 'repeated' ? { state: 'rotated' } : judged;
    },
    async findGrant(id) {
      const [text, details] = (await connection.call('HMGET', hashed(`g:${id}`), 'd', 'x')) as (string | null)[];
      if (typeof text !== 'string') return undefined;
      return rows.parseGrant(typeof details === 'string' ? `[${text},${details}]` : text);
    },
    revokeGrant: async (id, note) => (await run('revokeGrant', { id, note: noteText(note) })) === 1,
    revokeGrantsOf: async ({ subject, clientId }, note) =>
      Number(await run('killGrants', { u: subject, c: clientId, note: noteText(note), at: note.at })),
    rememberOnce: async (kind, id, until) => (await run('once', { key: key(kind, id), e: Math.ceil(until) })) === 1,
    async saveTransient(transient) {
      checkTransient(transient);
      const { kind, id, value, expiresAt } = transient;
      await run('saveTransient', { key: key(kind, id), v: value, e: expiresAt });
    },
    async findTransient(kind, id, now) {
      const [value, version, expiresAt] = (await run('findTransient', { key: key(kind, id) })) as (string | null)[];
      if (value == null || now >= Number(expiresAt)) return undefined;
      return { value, version: Number(version), expiresAt: Number(expiresAt) };
    },
    async replaceTransient(transient) {
      checkTransient(transient);
      const { kind, id, value, expiresAt, version } = transient;
      return (await run('replaceTransient', { key: key(kind, id), v: value, e: expiresAt, n: version })) === 1;
    },
    async takeTransient(kind, id, now) {
      const taken = await run('takeTransient', { key: key(kind, id), at: now });
      return typeof taken === 'string' ? taken : undefined;
    },
    async saveConsent({ subject, clientId, projectId, scopes, grantedAt, updatedAt }) {
      const text = JSON.stringify({ subject, clientId, projectId, scopes, grantedAt, updatedAt });
      await run('saveConsent', { u: subject, f: whoseConsent({ clientId, projectId }), d: text });
    },
    async findConsent(whose) {
      const text = await connection.call('HGET', hashed(`k:${whose.subject}`), whoseConsent(whose));
      return typeof text === 'string' ? rows.read<Consent>(text) : undefined;
    },
    async listConsents(subject, limit) {
      const texts = (await connection.call('HVALS', hashed(`k:${subject}`))) as string[];
      const consents = texts.map((text) => rows.read<Consent>(text));
      const byName = (a: Consent, b: Consent) => (whoseConsent(a) < whoseConsent(b) ? -1 : 1);
      return consents.sort((a, b) => b.updatedAt - a.updatedAt || byName(a, b)).slice(0, limit);
    },
    async revokeConsent(whose, note) {
      const { subject, clientId, projectId } = whose;
      const input = {
        u: subject,
        c: clientId,
        p: projectId,
        f: whoseConsent(whose),
        note: noteText(note),
        at: note.at,
      };
      return Number(await run('revokeConsent', input)) > 0;
    },
    async findAccess(hash, now) {
      const found = parseFound(await run('find', { kind: 'a', h: hash }));
      if (found === undefined) return { state: 'unknown' };
      const token = rows.parseAccess(found.data);
      const revocation = found.own === undefined ? undefined : rows.parseNoted<RevocationNote>(found.own);
      const isOrphan = token.grantId !== undefined && found.held === undefined;
      const grantRevocation = isOrphan ? missingGrant(now) : found.held?.revocation;
      return judgeToken({ token, revocation }, grantRevocation, found.findStanding, now);
    },
    revokeAccess: async (hash, note) => (await run('revokeAccess', { h: hash, note: noteText(note) })) === 1,
    async writeStandings(standings) {
      const input = standings.map((standing) => ({
        ...{
          f: rows.standingField(standing.kind, standing.id),
          n: standing.generation,
          d: rows.standingText(standing),
        },
      }));
      if (input.length > 0) await run('standings', input);
    },
    readStandings,
    async readFeedMark() {
      const text = await connection.call('GET', hashed('mark'));
      return typeof text === 'string' ? rows.read<{ epoch: string; seq: number }>(text) : undefined;
    },
    async writeFeedMark({ epoch: feed, seq }) {
      await connection.call('SET', hashed('mark'), JSON.stringify({ epoch: feed, seq }));
    },
    async changesSince(cursor, limit) {
      const at = cursor === undefined ? undefined : parseCursor(cursor);
      const reply = (await run('changes', { epoch, after: at?.seq, limit })) as (string | null)[];
      const [feed, seq, oldest, ...texts] = reply;
      const last = Number(seq);
      const first = oldest == null ? last + 1 : Number.parseInt(oldest, 10);
      const present = { epoch: String(feed), seq: last };
      if (cursor === undefined) return { cursor: cursorOf(present), flush: false, changes: [] };
      if (at === undefined || isPlaceLost(at, { ...present, epoch: present.epoch, first, last }))
        return { cursor: cursorOf(present), flush: true, changes: [] };
      const changes = texts.map((text) => parseChange(String(text)));
      return { cursor: cursorOf({ ...present, seq: at.seq + changes.length }), flush: false, changes };
    },
    listen: (told) => connection.listen(told),
    async countLive(clientId, now) {
      const counts = (await connection.call('HGETALL', hashed(`l:${clientId}`))) as string[] | Record<string, string>;
      const pairs = Array.isArray(counts)
        ? counts.flatMap((_, i) => (i % 2 === 0 ? [[counts[i], counts[i + 1]]] : []))
        : Object.entries(counts);
      return pairs.reduce((sum, [minute, n]) => sum + (Number(minute) >= minuteOf(now) ? Number(n) : 0), 0);
    },
    async sizes() {
      const [access, refresh, codes, grants, transients, once, consents] = (await run('sizes', {})) as number[];
      const of = (n: number | undefined) => n ?? 0;
      return {
        ...{ access: of(access), refresh: of(refresh), codes: of(codes), grants: of(grants) },
        ...{ transients: of(transients), once: of(once), consents: of(consents) },
      };
    },
    ...createCopies(run, readStandings),
    warnings: () => connection.warnings(),
    async purge(now, limit) {
      const before = now - retentionMs;
      const grants = grantsEndedBefore(before, now);
      return Number(await run('purge', { now, before, grants, minute: minuteOf(before), limit }));
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

function parseChange(text: string): StoreChange {
  const change = rows.read<StoreChange>(text);
  return change.kind === 'standing'
    ? { kind: 'standing', standing: { ...change.standing, reason: change.standing.reason } }
    : change;
}
