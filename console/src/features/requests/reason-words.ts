import type { ExchangeRecord } from '#core/model/exchange-record';
import { findReason } from '#core/reasons/catalogue';

/** Why an exchange ended as it did, in one line; a dash when it was not refused. The same words as `why`. */
export function reasonWords(record: ExchangeRecord): string {
  if (record.code === undefined) return '–';
  const reason = findReason(record.code);
  if (reason === undefined) return record.code;
  return reason.sentence({
    facts: record.facts ?? {},
    method: record.method,
    path: record.path,
    serverGroup: record.serverGroup,
    project: record.project ?? '',
    projectTitle: record.projectDisplayName ?? '',
    policy: record.policies.find(({ outcome }) => outcome === 'stopped')?.policy ?? '',
  });
}

/** Who gave the answer: the target, a policy, or the gateway itself. */
export function answeredBy(record: ExchangeRecord): string {
  const policy = record.policies.find(
    ({ outcome }) => outcome === 'stopped' || outcome === 'answered' || outcome === 'failed',
  );
  if (policy !== undefined) return policy.displayName;
  return record.target?.outcome === 'answered' ? 'Target' : 'Gateway';
}
