import type { ExchangeRecord } from '#core/model/exchange-record';
import type { Reader } from '../database.ts';

/**
 * A record's facts name the project that issued a token by id, since gateways know no other name of it: here it becomes the names of project
 * and policy, for the fix that leads to the policy's setting.
 */
export async function nameTokenOrigin(reader: Reader, record: ExchangeRecord): Promise<ExchangeRecord> {
  const { tokenProjectId, ...facts } = record.facts ?? {};
  if (typeof tokenProjectId !== 'string') return record;
  const found = await reader
    .selectFrom('projects')
    .innerJoin('policies', 'policies.project_id', 'projects.id')
    .select(['projects.name as project', 'policies.name as policy'])
    .where('projects.id', '=', tokenProjectId)
    .where('policies.type', '=', 'oauth-token-endpoint')
    .orderBy('policies.name')
    .executeTakeFirst();
  return {
    ...record,
    facts: found === undefined ? facts : { ...facts, tokenProject: found.project, tokenPolicy: found.policy },
  };
}
