import { UnavailableError } from '#core/errors';
import type { GrantDeath, Issue, RevocationNote, TokenStore } from '#core/token-store';
import { codeReplayed, judgeCode, judgeRotation, refreshReplayed } from '../grant-state.ts';
import { checkWholeNumbers } from '../whole-numbers.ts';
import type { PostgresConnection } from './connection.ts';
import { COUNT, shardOf } from './counts.ts';
import { APPEND } from './feed.ts';
import type { Lanes } from './lanes.ts';
import type { LookUps } from './look-ups.ts';
import type { Takes } from './takes.ts';

/** A step looks again when others changed what it saw; each change can happen once, so it never looks so often. */
const LOOKS = 4;

/** Kills grants, and says so in the feed; the first note stays. @param which condition on `access_grant g`, from $4 on */
const kill = (which: string) => `killed as (
    update access_grant g set revoked_at = $1::int8, revoked_by = $2, revoked_reason = $3
    from (select id from access_grant g where ${which} and g.revoked_at is null order by id for update) as found
    where g.id = found.id returning g.id, g.ends_at
  ), ${APPEND(`select 'grant' as kind, null::bytea as hash, id from killed`)}`;
const KILL_ONE = {
  name: 'kill-grant',
  text: `with ${kill('g.id = $4')} select 1 from access_grant where id = $4`,
};
// Ended ones too: a token request that is under way may still prolong one.
const OF_OWNER = kill(
  'g.subject = $4 and ($5::text is null or g.client_id = $5) and ($6::text is null or g.project_id = $6)',
);
const KILL_OF_OWNER = {
  name: 'kill-grants-of',
  text: `with ${OF_OWNER} select count(*) from killed where ends_at > $1`,
};
const REVOKE_CONSENT = {
  name: 'revoke-consent',
  text: `with forgotten as (
      delete from consent where subject = $4 and client_id = $5 and project_id = $6 returning 1
    ), counted as (${COUNT('$7', { consents: 'select -count(*) from forgotten' })}), ${OF_OWNER}
    select (select count(*) from forgotten) + (select count(*) from killed where ends_at > $1)`,
};

/** What concerns grants, codes and refresh tokens, beside look-ups. */
export type PostgresGrants = Pick<
  TokenStore,
  'consumeCode' | 'rotateRefresh' | 'revokeGrant' | 'revokeGrantsOf' | 'revokeConsent'
>;

/** What they are made of. */
export interface GrantParts {
  readonly connection: PostgresConnection;
  readonly lookUps: LookUps;
  readonly saving: Lanes<Issue, undefined>;
  readonly takes: Takes;
  readonly shard: number;
}

/** Makes them. Each change is one statement, and with it one transaction. */
export function createGrants({ connection, lookUps, saving, takes, shard }: GrantParts): PostgresGrants {
  const noteValues = ({ at, by, reason }: RevocationNote | GrantDeath) => [at, by, reason];

  async function killOne(id: string, note: RevocationNote): Promise<boolean> {
    const found = await connection.run(KILL_ONE, [...noteValues(note), id], true);
    return found.length > 0;
  }

  return {
    revokeGrant: killOne,

    async consumeCode(hash, attempt) {
      for (let looks = 1; looks <= LOOKS; looks += 1) {
        const found = await lookUps.findCode(hash);
        if (found === undefined) return { state: 'unknown' };
        const consumed = judgeCode(found, attempt);
        if (consumed.state === 'replayed') await killOne(found.grant.id, codeReplayed(attempt.now));
        if (consumed.state !== 'consumed' || found.consumedBy !== undefined) return consumed;
        if (await takes.codes.add({ hash, by: attempt.id })) return consumed;
      }
      throw new UnavailableError('the token store is too busy');
    },

    async rotateRefresh(rotation) {
      const { hash, now, access } = rotation;
      checkWholeNumbers(rotation); // one that cannot be kept would spoil the whole group
      for (let looks = 1; looks <= LOOKS; looks += 1) {
        const found = await lookUps.loadRefresh(hash, access.hash);
        if (found === undefined) return { state: 'unknown' };
        const rotated = judgeRotation(found, rotation, found.isAccessSaved);
        switch (rotated.state) {
          case 'repeated':
            return { state: 'rotated' };
          case 'replayed':
            await killOne(found.grant.id, refreshReplayed(now));
            return rotated;
          case 'graced':
            await saving.add({ access });
            return rotated;
          case 'rotated':
            break;
          default:
            return rotated;
        }
        if (await takes.rotations.add(rotation)) return rotated;
      }
      throw new UnavailableError('the token store is too busy');
    },

    async revokeGrantsOf({ subject, clientId }, note) {
      const [row] = await connection.run(KILL_OF_OWNER, [...noteValues(note), subject, clientId, undefined]);
      return Number(row?.[0]);
    },

    async revokeConsent({ subject, clientId, projectId }, note) {
      const values = [...noteValues(note), subject, clientId, projectId, shardOf(shard)];
      const [row] = await connection.run(REVOKE_CONSENT, values);
      return Number(row?.[0]) > 0;
    },
  };
}
