import type { AuditState } from '#core/model/audit-checkpoint';
import { AUDIT_WAYS, type AuditEntry } from '#core/model/audit-entry';
import type { Api, ApiOptions, Page } from '../api.ts';
import { readEntries } from '../audit-stream.ts';
import { usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { dateTime, parseDuration } from '../duration.ts';
import { EXIT } from '../exit-code.ts';
import { plain, plainJson } from '../plain.ts';
import type { CommandInput, Session } from '../session.ts';

const FOLLOW_EVERY_MS = 1000;

type Query = NonNullable<ApiOptions['query']>;

/** `gatewright audit`: the newest entries of the trail, oldest of them first, as a log reads. */
export const audit: Run = async (session, input) => {
  const { out } = session;
  session.doing = 'show the audit trail';
  const limit = limitOf(input.text('limit') ?? '50');
  const query = queryOf(session, input);
  const api = await session.api();
  const state: AuditState = await api.get('/audit/checkpoint');
  const { items, isAll } = await readNewest(api, query, limit);
  if (input.flag('follow')) {
    const shown = items.filter(({ seq }) => seq <= state.head.seq);
    for (const entry of shown.toReversed()) show(session, entry);
    return follow(session, api, { query, after: state.head.seq });
  }
  out.json({ items });
  out.table(COLUMNS, items.toReversed().map(rowOf));
  if (items.length === 0) out.note('Nothing was changed that fits.');
  if (!isAll) out.note(out.style.dim('There is more. Look further back with --limit.'));
  return EXIT.done;
};

const COLUMNS = [
  { title: 'TIME' },
  { title: 'WHO' },
  { title: 'VIA' },
  { title: 'WHAT' },
  { title: 'OBJECT', isWhole: true },
  { title: 'ENTRY', align: 'right' as const },
];

function rowOf({ at, actor, via, sentence, objectKind, objectName, seq }: AuditEntry): string[] {
  return [dateTime(at), actor, via, sentence, `${objectKind} ${objectName}`, String(seq)];
}

function queryOf(session: Session, input: CommandInput): Query {
  const [object, since, via] = [input.text('object'), input.text('since'), input.text('via')];
  if (via !== undefined && !AUDIT_WAYS.some((way) => way === via))
    throw usageError(`"${plain(via)}" is no way to make a change. Write ${AUDIT_WAYS.join(', ')}.`);
  const isId = object !== undefined && /^[a-z]{3}_[0-9A-Z]{16}$/.test(object);
  return {
    actor: input.text('actor'),
    objectKind: input.text('kind'),
    objectId: isId ? object : undefined,
    objectName: isId ? undefined : object,
    operation: input.text('operation'),
    via,
    q: input.text('text'),
    from: since === undefined ? undefined : session.clock.now() - parseDuration(since),
  };
}

/** Newest first, up to so many. */
async function readNewest(api: Api, query: Query, limit: number): Promise<{ items: AuditEntry[]; isAll: boolean }> {
  const items: AuditEntry[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<AuditEntry> = await api.get('/audit', {
      ...query,
      limit: Math.min(200, limit - items.length),
      cursor,
    });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined && items.length < limit);
  return { items, isAll: cursor === undefined };
}

/** Ends only when the process is ended. */
async function follow(
  session: Session,
  api: Api,
  start: { readonly query: Query; readonly after: number },
): Promise<never> {
  let { after } = start;
  for (;;) {
    await session.sleep(FOLLOW_EVERY_MS);
    for await (const entry of readEntries(api, { ...start.query, after })) {
      show(session, entry);
      after = entry.seq;
    }
  }
}

function show({ out }: Session, entry: AuditEntry): void {
  if (out.isJson) {
    out.raw(`${plainJson(entry)}\n`);
    return;
  }
  const cells = rowOf(entry).map(plain);
  const [time = '', who = '', via = '', what = '', object = '', seq = ''] = cells;
  const { dim } = out.style;
  out.line(out.isTty ? `${dim(time)}  ${who} ${dim(via)}  ${what}  ${dim(`${object}  ${seq}`)}` : cells.join('\t'));
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100_000) return limit;
  throw usageError(`"${plain(text)}" is no number of entries. Write a number from 1 to 100000.`);
}
