import type { ExchangeRecord } from '#core/model/exchange-record';
import type { Api, Page } from '../api.ts';
import { usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { clockTime, parseDuration, took } from '../duration.ts';
import { EXIT } from '../exit-code.ts';
import { getThing, nameOf } from '../lookup.ts';
import { nounOf } from '../noun.ts';
import { plain, plainJson } from '../plain.ts';
import type { CommandInput, Session } from '../session.ts';

const FOLLOW_EVERY_MS = 500;
/** Records of one second may come from several gateways and late: so much is asked for again, and what was shown is left out. */
const OVERLAP_MS = 5000;

/** `gatewright log`: the newest requests, oldest of them first, as a log reads. */
export const log: Run = async (session, input) => {
  const { out, clock } = session;
  session.doing = 'show the log';
  const limit = limitOf(input.text('limit') ?? '50');
  const since = clock.now() - parseDuration(input.text('since') ?? '30m');
  const api = await session.api();
  const filter = await filterOf(api, input);
  const format = input.text('format');
  if (format !== undefined) {
    await writeExport(session, api, { ...filter, since, format });
    return EXIT.done;
  }
  const newest = await read(api, { ...filter, since }, limit);
  if (!input.flag('follow')) {
    out.json({ items: newest.items, ...(newest.total !== undefined && { total: newest.total }) });
    out.table(COLUMNS, newest.items.toReversed().map(rowOf));
    if (newest.items.length === 0) out.note('Nothing in this time. Look further back with --since 24h.');
    else if (newest.total !== undefined && newest.total > newest.items.length)
      out.note(out.style.dim(`${newest.items.length} of ${newest.total}. More with --limit.`));
    return EXIT.done;
  }
  show(session, newest.items.toReversed());
  return follow(session, api, { filter, shown: newest.items, since });
};

const COLUMNS = [
  { title: 'TIME' },
  { title: 'STATUS', align: 'right' as const },
  { title: 'METHOD' },
  { title: 'PATH' },
  { title: 'CLIENT' },
  { title: 'WHY' },
  { title: 'TOOK', align: 'right' as const },
  { title: 'REQUEST', isWhole: true },
];

function rowOf({ at, status, method, path, clientName, code, tookMs, id }: ExchangeRecord): string[] {
  return [clockTime(at), String(status), method, path, clientName ?? '–', code ?? '–', took(tookMs), id];
}

/** Ends only when the process is ended. */
async function follow(
  session: Session,
  api: Api,
  start: { readonly filter: Filter; readonly shown: readonly ExchangeRecord[]; readonly since: number },
): Promise<never> {
  let shown = new Map(start.shown.map(({ id, at }) => [id, at]));
  let newest = Math.max(start.since, ...shown.values());
  for (;;) {
    await session.sleep(FOLLOW_EVERY_MS);
    const { items } = await read(api, { ...start.filter, since: newest - OVERLAP_MS }, 1000);
    const fresh = items.filter(({ id }) => !shown.has(id)).toReversed();
    show(session, fresh);
    for (const { id, at } of fresh) {
      shown.set(id, at);
      newest = Math.max(newest, at);
    }
    shown = new Map([...shown].filter(([, at]) => at >= newest - 2 * OVERLAP_MS));
  }
}

function show({ out }: Session, records: readonly ExchangeRecord[]): void {
  for (const record of records) {
    if (out.isJson) {
      out.raw(`${plainJson(record)}\n`);
      continue;
    }
    const [time = '', status = '', method = '', path = '', client = '', why = '', ms = '', id = ''] =
      rowOf(record).map(plain);
    const coloured =
      record.status >= 500
        ? out.style.red(status)
        : record.status >= 400
          ? out.style.yellow(status)
          : out.style.green(status);
    out.line(
      out.isTty
        ? `${out.style.dim(time)}  ${coloured}  ${method} ${path}  ${client}  ${why}  ${out.style.dim(`${ms}  ${id}`)}`
        : rowOf(record).map(plain).join('\t'),
    );
  }
}

const FILTERS = ['status', 'code', 'project', 'client', 'subscription', 'serverGroup', 'gateway', 'address'] as const;
type Filter = Readonly<Record<(typeof FILTERS)[number], string | undefined>> & { readonly minMs: number | undefined };

async function filterOf(api: Api, input: CommandInput): Promise<Filter> {
  const status = input.text('status');
  if (status !== undefined && !/^[1-5](\d\d|xx)$/.test(status))
    throw usageError(`"${status}" is no status. Write 401 or 4xx.`);
  const [client, project, group] = [input.text('client'), input.text('project'), input.text('on')];
  const over = input.text('over');
  return {
    status,
    code: input.text('code'),
    client: client === undefined ? undefined : String((await getThing(api, nounOf('client'), client)).thing.id),
    project: project === undefined ? undefined : nameOf((await getThing(api, nounOf('project'), project)).thing),
    serverGroup: group === undefined ? undefined : nameOf((await getThing(api, nounOf('group'), group)).thing),
    subscription: input.text('subscription'),
    gateway: input.text('gateway'),
    address: input.text('address'),
    minMs: over === undefined ? undefined : parseDuration(over),
  };
}

const FORMATS = ['csv', 'json', 'jsonl'];

/** The whole answer to stdout, as it comes; on a terminal its control characters are made visible. */
async function writeExport(
  { out }: Session,
  api: Api,
  query: Filter & { readonly since: number; readonly format: string },
): Promise<void> {
  if (!FORMATS.includes(query.format))
    throw usageError(`"${plain(query.format)}" is no format. Write ${FORMATS.join(', ')}.`);
  const decoder = new TextDecoder();
  for await (const chunk of await api.stream('/requests/export', query))
    out.raw(decoder.decode(chunk, { stream: true }));
}

/** Newest first, up to so many. */
async function read(
  api: Api,
  query: Filter & { readonly since: number },
  limit: number,
): Promise<Page<ExchangeRecord>> {
  const items: ExchangeRecord[] = [];
  let total: number | undefined;
  let cursor: string | undefined;
  do {
    const page: Page<ExchangeRecord> = await api.get('/requests', {
      ...query,
      limit: Math.min(200, limit - items.length),
      cursor,
    });
    items.push(...page.items);
    total ??= page.total;
    cursor = page.next;
  } while (cursor !== undefined && items.length < limit);
  return { items, ...(total !== undefined && { total }) };
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100_000) return limit;
  throw usageError(`"${text}" is no number of requests. Write a number from 1 to 100000.`);
}
