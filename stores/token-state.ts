import type { Generations, Standing, StandingKind } from '#core/standing';
import type { AccessToken, FoundToken, RevocationNote } from '#core/token-store';

/** What an engine keeps of one token. */
export interface StoredToken {
  readonly token: AccessToken;
  /** The note of its own revocation, when it was revoked itself. */
  readonly revocation: RevocationNote | undefined;
}

/** Finds the standing that was written last for something a token depends on. */
export type FindStanding = (kind: StandingKind, id: string) => Standing | undefined;

/**
 * What became of a stored token (decision 5), the same for every engine. What happened first counts: a token that was killed before it
 * expired stays `revoked`, one that was killed afterwards is `expired`.
 */
export function judgeToken(stored: StoredToken, findStanding: FindStanding, now: number): FoundToken {
  const { token, revocation } = stored;
  const standings = standingsOf(token, findStanding);
  const killer = standings.find((standing) => standing.generation > generationOf(token.generations, standing.kind));
  const isExpired = now >= token.expiresAt;
  const note = revocation ?? killer;
  if (note !== undefined && !(isExpired && note.at >= token.expiresAt)) {
    const { by, at, reason } = note;
    return { state: 'revoked', token, by, at, reason, standing: revocation === undefined ? killer : undefined };
  }
  if (isExpired) return { state: 'expired', token };
  return { state: 'live', token, inactive: standings.filter((standing) => !standing.active) };
}

/** The minute in which a token expires: countLive counts by it. */
export function minuteOf(time: number): number {
  return Math.floor(time / 60_000);
}

function standingsOf(token: AccessToken, findStanding: FindStanding): Standing[] {
  const found = [
    findStanding('client', token.clientId),
    findStanding('subscription', token.subscriptionId),
    findStanding('secret', token.secretId),
    token.subject === undefined ? undefined : findStanding('subject', token.subject),
  ];
  return found.filter((standing) => standing !== undefined);
}

function generationOf(generations: Generations, kind: StandingKind): number {
  return generations[kind] ?? 0;
}
