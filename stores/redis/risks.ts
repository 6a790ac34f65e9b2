import { Cluster, type Redis } from 'ioredis';
import type { RedisPlace } from './url.ts';

/** What one node says of its settings; `forbidden` where it does not let them be read. */
type Settings = ReadonlyMap<string, string> | 'forbidden';

const NAMES = ['appendonly', 'appendfsync', 'maxmemory-policy'] as const;

/**
 * What the settings of the engine put at risk (decision 39), one sentence each. Of a Cluster all primaries count: the keys may go to any of them.
 * @throws what the client says when no node answers
 */
export async function findRisks(client: Redis | Cluster, place: RedisPlace): Promise<readonly string[]> {
  const nodes = client instanceof Cluster ? client.nodes('master') : [client];
  const asked = await Promise.allSettled(nodes.map(readSettings));
  const answers = asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const [failed] = asked.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  if (answers.length === 0) throw failed;
  const settings = answers.filter((answer) => answer !== 'forbidden');
  const isAll = (name: (typeof NAMES)[number], wanted: string) =>
    settings.every((values) => values.get(name) === wanted);

  const risks: string[] = [];
  if (settings.length < answers.length && !place.isLossAccepted)
    risks.push(
      'Redis does not let its settings be read (CONFIG GET is forbidden), so nobody knows whether what it acknowledged outlives it: allow +config|get, or see to appendonly yes, appendfsync always and maxmemory-policy noeviction and accept the loss (lossAccepted).',
    );
  if (!isAll('appendonly', 'yes') && !place.isLossAccepted)
    risks.push(
      'Redis keeps no append-only file: when it ends, all tokens, revocations and used codes since its last snapshot are lost. Set appendonly yes and appendfsync always, or accept the loss (lossAccepted).',
    );
  else if (!isAll('appendfsync', 'always') && !place.isLossAccepted)
    risks.push(
      'Redis may lose tokens, revocations and used codes of the last seconds that were acknowledged: set appendfsync always, or accept the loss (lossAccepted).',
    );
  if (place.mode !== 'single' && !place.isLossAccepted)
    risks.push(
      'A failover of Redis may lose what was written last: replication does not wait. Accept the loss (lossAccepted), or use PostgreSQL or Cassandra.',
    );
  if (!isAll('maxmemory-policy', 'noeviction'))
    risks.push('Redis may evict tokens and revocations when its memory is full: set maxmemory-policy noeviction.');
  return risks;
}

async function readSettings(node: Redis): Promise<Settings> {
  try {
    const answers = await Promise.all(NAMES.map((name) => node.call('CONFIG', 'GET', name)));
    return new Map(
      answers.flatMap((answer) => (Array.isArray(answer) ? [[String(answer[0]), String(answer[1])]] : [])),
    );
  } catch (error) {
    // Forbidden by an ACL, or taken away by rename-command.
    if (error instanceof Error && /^NOPERM|unknown command/.test(error.message)) return 'forbidden';
    throw error;
  }
}
