import type { PostgresConnection } from './connection.ts';

const SETTINGS = {
  text: `select current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
    current_setting('synchronous_standby_names'), (select count(*) from pg_stat_replication)`,
};

/** What the settings of the engine put at risk, one sentence each. @throws UnavailableError */
export async function findRisks(connection: PostgresConnection): Promise<readonly string[]> {
  const [row = []] = await connection.run(SETTINGS, [], true);
  const [fsync, pages, commit, standbys, replicas] = row.map(String);
  const risks: string[] = [];
  if (fsync === 'off')
    risks.push(
      'PostgreSQL does not wait for its disk (fsync off): when its host fails, everything may be lost. Set fsync on.',
    );
  if (pages === 'off')
    risks.push(
      'PostgreSQL may not recover its tables when its host fails (full_page_writes off). Set full_page_writes on.',
    );
  if (commit === 'off')
    risks.push(
      'PostgreSQL may lose tokens, revocations and used codes of the last moments that were acknowledged (synchronous_commit off). Set synchronous_commit on, for the role of the token store at least.',
    );
  const isWaitedFor = standbys !== '' && commit !== 'local' && commit !== 'off';
  if (Number(replicas) > 0 && !isWaitedFor)
    risks.push(
      'A failover of PostgreSQL may lose what was written last: its replicas are not waited for. Set synchronous_standby_names, and synchronous_commit on.',
    );
  return risks;
}
