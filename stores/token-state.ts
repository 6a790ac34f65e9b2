import type { Generations, Standing, StandingKind } from '#core/standing';
import type { AccessToken, FoundToken, GrantDeath, RevocationNote } from '#core/token-store';

/** What an engine keeps of one token. */
export interface StoredToken {
  readonly token: AccessToken;
  /** The note of its own revocation, when it was revoked itself. */
  readonly revocation: RevocationNote | undefined;
}

/** Finds the standing that was written last for something a token or grant depends on. */
export type FindStanding = (kind: StandingKind, id: string) => Standing | undefined;

/**
 * What became of a stored token (decision 5), the same for every engine. What happened first counts: a token that was killed before it
 * expired stays `revoked`, one that was killed afterwards is `expired`.
 * @param grantRevocation the note of its grant's revocation; undefined when the grant lives or the token has none
 */
export function judgeToken(
  stored: StoredToken,
  grantRevocation: RevocationNote | undefined,
  findStanding: FindStanding,
  now: number,
): FoundToken {
  const { token, revocation } = stored;
  const standings = standingsOf(token, findStanding);
  const killer = findKiller(standings, token.generations);
  const isExpired = now >= token.expiresAt;
  const note = revocation ?? grantRevocation ?? killer;
  if (note !== undefined && !(isExpired && isAfter(note, token))) {
    const { by, at, reason } = note;
    const dead = { state: 'revoked', token, by, at, reason, standing: note === killer ? killer : undefined } as const;
    return note === grantRevocation ? { ...dead, byGrant: true } : dead;
  }
  if (isExpired) return { state: 'expired', token };
  return { state: 'live', token, inactive: standings.filter((standing) => !standing.active) };
}

/** What a token whose grant is not there is taken for: dead, because nobody can say that the grant lives. */
export function missingGrant(now: number): RevocationNote {
  return { by: 'the removal of its grant', at: now, reason: undefined };
}

/** What a token or a grant is held by. */
interface Holder {
  readonly clientId: string;
  readonly subscriptionId: string;
  readonly secretId?: string | undefined;
  readonly subject: string | undefined;
}

/** The standings that were written for what it depends on. */
export function standingsOf(holder: Holder, findStanding: FindStanding): Standing[] {
  const { clientId, subscriptionId, secretId, subject } = holder;
  const found = [
    findStanding('client', clientId),
    findStanding('subscription', subscriptionId),
    secretId === undefined ? undefined : findStanding('secret', secretId),
    subject === undefined ? undefined : findStanding('subject', subject),
  ];
  return found.filter((standing) => standing !== undefined);
}

/** The standing that was raised above the generations in force at issue (decision 4). */
export function findKiller(standings: readonly Standing[], generations: Generations): Standing | undefined {
  return standings.find((standing) => standing.generation > (generations[standing.kind] ?? 0));
}

/** Whether something died only when its time was over already. */
export function isAfter(death: RevocationNote | GrantDeath, { expiresAt }: { readonly expiresAt: number }): boolean {
  return death.at >= expiresAt;
}

/** The minute in which a token expires: countLive counts by it. */
export function minuteOf(time: number): number {
  return Math.floor(time / 60_000);
}
