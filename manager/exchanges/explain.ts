import type { Facts } from '#core/facts';
import { PHASE_TITLES } from '#core/model/endpoint';
import { COUNT_BUCKET_MS } from '#core/model/exchange-count';
import type { ExchangeRecord, Fix, PolicyVerdict, Why } from '#core/model/exchange-record';
import { ProblemError } from '#core/problem';
import { findReason } from '#core/reasons/catalogue';
import { linkTo, type ReasonContext } from '#core/reasons/reason';
import { commandLine } from '#core/shell-word';
import { bucketOf } from './count-steps.ts';
import type { CountedOnly } from './exchange-store.ts';
import { factWords } from './fact-words.ts';

/** How far back *n like this* looks. */
const SIMILAR_WINDOW_MS = 30 * 60_000;
const MS_IN_A_DAY = 86_400_000;

/** Says why an exchange ended as it did: sentence, facts and fixes of the catalogue, the same text for every place that shows it. */
export function explain(record: ExchangeRecord, similar: Similar): Why {
  // The last one is the innermost: a policy of a chain stands behind the one that called it.
  const stopped = record.policies.findLast(({ outcome }) => outcome === 'stopped' || outcome === 'failed');
  const verdict = record.code === undefined ? undefined : stopped;
  const told = record.code === undefined ? tellAnswer(record) : tellRefusal(record, record.code, verdict);
  return {
    requestId: record.id,
    code: record.code ?? 'ok',
    status: record.status,
    ...told,
    facts: [...factWords({ ...verdict?.facts, ...record.facts }), ...surroundings(record, verdict)],
    ...(verdict !== undefined && { policy: verdict.policy, phase: verdict.phase }),
    similar: { count: similar.count, query: queryOf(similar.filter), sinceMs: SIMILAR_WINDOW_MS },
    record,
  };
}

/** How many are like an exchange, itself among them, and by which filter they are found. */
export interface Similar {
  readonly count: number;
  readonly filter: ReturnType<typeof similarFilter>;
}

/** What counts as *like this*: the same outcome, project and client. From the begin of a bucket on, so that counts and list agree. */
export function similarFilter(record: ExchangeRecord, now: number) {
  return {
    code: record.code ?? 'ok',
    ...(record.code === undefined && { status: String(record.status) }),
    ...(record.project !== undefined && { project: record.project }),
    ...(record.clientId !== undefined && { client: record.clientId }),
    since: bucketOf(now - SIMILAR_WINDOW_MS, COUNT_BUCKET_MS),
  };
}

/** The problem of an id that no record has, with what may be the reason. */
export function noSuchRequest(id: string, keptMs: number, countedOnly: readonly CountedOnly[]): ProblemError {
  const kept = Math.round(keptMs / MS_IN_A_DAY);
  const counted = countedOnly.map(
    ({ code, project, count }) => `${count} × ${code || 'ok'}${project === '' ? '' : ` at ${project}`}`,
  );
  const hint =
    counted.length === 0
      ? ''
      : ` Under load some exchanges are only counted and have no record; in the last hour: ${counted.join(', ')}.`;
  return new ProblemError(
    'not_found',
    `No request ${id.slice(0, 40)}. Kept for ${kept} days; gateways send logs within 2 s. Was it answered by this system? Look for the X-Request-Id header.${hint}`,
    { fixes: [{ text: 'Look through what was recorded.', command: 'gatewright log' }] },
  );
}

type Told = Pick<Why, 'title' | 'sentence' | 'fixes'>;

function tellRefusal(record: ExchangeRecord, code: string, verdict: PolicyVerdict | undefined): Told {
  const reason = findReason(code);
  if (reason === undefined)
    return {
      title: 'Refused.',
      sentence: `The gateway refused with ${code}, a reason that this manager does not have: ${record.gateway} is newer.`,
      fixes: [{ text: 'Upgrade the manager first, then the gateways.' }],
    };
  const context = contextOf(record, verdict);
  return { title: reason.title, sentence: reason.sentence(context), fixes: [...reason.fixes(context)] };
}

function contextOf(record: ExchangeRecord, verdict: PolicyVerdict | undefined): ReasonContext {
  return {
    facts: { ...inferredFacts(record), ...verdict?.facts, ...record.facts },
    method: record.method,
    path: record.path,
    serverGroup: record.serverGroup,
    project: record.project ?? '',
    projectTitle: record.projectDisplayName ?? '',
    policy: verdict?.policy ?? '',
  };
}

/** Facts that the record has elsewhere, for sentences whose own facts left them out. */
function inferredFacts(record: ExchangeRecord): Facts {
  const { clientName, tokenPrefix, resource, subscriptionId, target } = record;
  return {
    ...(clientName !== undefined && { client: clientName, clientName }),
    ...(tokenPrefix !== undefined && { token: tokenPrefix }),
    ...(resource !== undefined && { resource }),
    ...(subscriptionId !== undefined && { subscription: subscriptionId }),
    ...(target !== undefined && { target: target.target, address: target.url, tries: target.tries }),
    ...(target?.error !== undefined && { detail: target.error }),
  };
}

function tellAnswer(record: ExchangeRecord): Told {
  const { status, target } = record;
  const took = `in ${Math.round(record.tookMs)} ms`;
  const answered = record.policies.findLast(({ outcome }) => outcome === 'answered');
  if (answered !== undefined)
    return {
      title: `Answered ${status}.`,
      sentence: `Answered ${status} by policy ${answered.displayName} ${took}.`,
      fixes: [],
    };
  if (target === undefined)
    return { title: `Answered ${status}.`, sentence: `Answered ${status} by the gateway itself ${took}.`, fixes: [] };
  const place = `target ${target.target} (${target.url})`;
  const sentence = `Answered ${status} by ${place} ${took}.`;
  if (status < 400) return { title: `Answered ${status}.`, sentence, fixes: [] };
  return {
    title: `The target answered ${status}.`,
    sentence: `${sentence} The gateway refused nothing; it passed the answer on.`,
    fixes: targetFixes(record),
  };
}

function targetFixes({ project, target, id }: ExchangeRecord): Fix[] {
  const look = { text: `Look for ${id} in the target's own log: it was sent as X-Request-Id.` };
  if (project === undefined || target === undefined) return [look];
  return [
    look,
    {
      text: 'Check the target.',
      command: commandLine`gatewright target get ${project}/${target.target}`,
      ...linkTo(['projects', project, 'targets'], { target: target.target, field: 'urls' }),
    },
  ];
}

/** Where and to whom it happened. */
function surroundings(record: ExchangeRecord, verdict: PolicyVerdict | undefined): Why['facts'] {
  const { project, projectDisplayName, version, target } = record;
  const rows: [label: string, value: string | undefined][] = [
    [
      'API',
      project === undefined
        ? undefined
        : `${projectDisplayName ?? project}${version === undefined ? '' : ` v${version}`}`,
    ],
    ['Resource', record.resource],
    ['Policy', verdict === undefined ? undefined : `${verdict.displayName}, on ${PHASE_TITLES[verdict.phase]}`],
    ['Client', record.clientName],
    ['Token', record.tokenPrefix],
    ['Target', target === undefined ? undefined : `${target.target} (${target.url})`],
    ['Gateway', `${record.gateway} in ${record.serverGroup}`],
  ];
  const told = new Set(Object.keys({ ...verdict?.facts, ...record.facts }));
  return rows.flatMap(([label, value]) =>
    value === undefined || told.has(label.toLowerCase()) ? [] : [{ label, value }],
  );
}

/** The same as the query of the request log, in the API and in the console. */
function queryOf({ since, ...filter }: Similar['filter']): string {
  return new URLSearchParams({ ...filter, since: String(since) }).toString();
}
