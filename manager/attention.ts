import type { AttentionItem } from '#core/model/overview/screens';
import type { Gateway } from '#core/model/server-group';
import { duration } from '#core/reasons/reason';
import type { ManagerContext } from './context.ts';
import { changedDrafts } from './deployments/draft-state.ts';
import { listOpenDrafts } from './deployments/open-draft.ts';
import { findNotices } from './metrics/notices.ts';
import { listEndingSecrets } from './registry/ending-secrets.ts';

const DAY_MS = 86_400_000;
const SECRET_NOTICE_MS = 14 * DAY_MS;
const DRAFT_NOTICE_MS = 7 * DAY_MS;
/** A gateway takes a change within milliseconds: behind for so long, it lags. */
const LAG_NOTICE_MS = 5000;
/** Of each kind; what is more is a number. */
const SHOWN = 20;

/** What needs attention: gateways first, then token stores that are away, secrets that end, then drafts that nobody deployed for a week. Each kind is bounded. */
export async function attentionOf(context: ManagerContext, gateways: readonly Gateway[]): Promise<AttentionItem[]> {
  const [secrets, drafts] = await context.services.attentionMemo.of(
    { at: context.clock.now(), commit: context.services.lastCommitAt },
    async () => [await secretAttention(context), await draftAttention(context)],
  );
  return [...gatewayAttention(context, gateways), ...storeAttention(context), ...(secrets ?? []), ...(drafts ?? [])];
}

/** The same behind what went wrong since a deployment. The dashboard shows that by itself. */
export async function attentionAndNotices(
  context: ManagerContext,
  gateways: readonly Gateway[],
): Promise<AttentionItem[]> {
  const notices = await findNotices(context, { now: context.clock.now() });
  const first = notices.map(({ sentence, project, serverGroup }) => ({
    text: sentence,
    command: `gatewright rollback ${project} --on ${serverGroup}`,
    link: `/monitor?serverGroup=${serverGroup}&project=${project}`,
  }));
  return [...first, ...(await attentionOf(context, gateways))];
}

function gatewayAttention({ clock, services }: ManagerContext, gateways: readonly Gateway[]): AttentionItem[] {
  const now = clock.now();
  const isSettled = now - services.lastCommitAt > LAG_NOTICE_MS;
  if (gateways.length === 0)
    return [
      { text: 'No gateway has joined: nothing is served.', command: 'gatewright doctor', link: '/server-groups' },
    ];
  const items = gateways.flatMap(({ name, serverGroup, state, lag, problem, lastSeenAt }): AttentionItem[] => {
    const link = `/server-groups/${serverGroup}`;
    if (state === 'lost')
      return [
        {
          text: `Gateway ${name} was last heard of ${duration(now - lastSeenAt)} ago. If it runs, it serves what it has.`,
          command: 'gatewright doctor',
          link,
        },
      ];
    const command = 'gatewright gateway list';
    if (problem !== undefined) return [{ text: `Gateway ${name}: ${problem}`, command, link }];
    if (lag > 0 && isSettled)
      return [{ text: `Gateway ${name} is ${lag} ${lag === 1 ? 'change' : 'changes'} behind.`, command, link }];
    return [];
  });
  return bounded(items, items.length, (more) => ({
    text: `${more} more gateways need a look.`,
    command: 'gatewright gateway list',
    link: '/server-groups',
  }));
}

/** As this manager sees them. */
function storeAttention({ tokenStores }: ManagerContext): AttentionItem[] {
  const away = tokenStores.opened().filter(({ problem }) => problem !== undefined);
  const items = away.map(({ name, problem }) => ({
    text: `Token store ${name} does not answer: ${problem}.`,
    command: `gatewright token-store test ${name}`,
    link: '/settings/token-stores',
  }));
  return bounded(items, items.length, (more) => ({
    text: `${more} more token stores do not answer.`,
    command: 'gatewright token-store list',
    link: '/settings/token-stores',
  }));
}

async function secretAttention({ db, clock }: ManagerContext): Promise<AttentionItem[]> {
  const now = clock.now();
  const { items, total } = await listEndingSecrets(db.read, {
    ...{ from: now, to: now + SECRET_NOTICE_MS },
    limit: SHOWN,
  });
  const shown = items.map((secret) => ({
    text: `Secret ${secret.name} of ${secret.clientTitle} ends in ${duration(secret.endsAt - now)}, and ${secret.hasSuccessor ? 'the client still uses it' : 'there is no newer one'}.`,
    command: `gatewright client rotate ${secret.client} --subscription ${secret.subscription}`,
    link: `/subscriptions/${secret.subscription}`,
  }));
  return bounded(shown, total, (more) => ({
    text: `${more} more ${more === 1 ? 'secret ends' : 'secrets end'} within 14 days without a newer one in use.`,
    link: '/subscriptions',
  }));
}

async function draftAttention(context: ManagerContext): Promise<AttentionItem[]> {
  const before = context.clock.now() - DRAFT_NOTICE_MS;
  const { items, total } = await listOpenDrafts(context.db.read, { before, limit: SHOWN });
  const placed = new Map(
    items.map(({ id, placed_revision, content_hash }) => [id, { draft_revision: placed_revision, content_hash }]),
  );
  const changed = await changedDrafts(context, items, ({ id }) => placed.get(id));
  const shown = items
    .filter(({ id }) => changed.has(id))
    .map(({ name, display_name, group_name, changed_at }) => ({
      text: `${display_name} has changes that are not deployed, the newest ${duration(wholeDays(context.clock.now() - Number(changed_at)))} old.`,
      command: `gatewright diff ${name} --to ${group_name}`,
      link: `/projects/${name}`,
    }));
  return bounded(shown, shown.length + Math.max(0, total - items.length), (more) => ({
    text: `${more} more ${more === 1 ? 'project has' : 'projects have'} changes that are not deployed.`,
    link: '/projects?sort=-updatedAt',
  }));
}

function wholeDays(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

/** The first ones, and one that says how many more there are. */
function bounded(
  items: readonly AttentionItem[],
  total: number,
  rest: (more: number) => AttentionItem,
): AttentionItem[] {
  const shown = items.slice(0, SHOWN);
  return total > shown.length ? [...shown, rest(total - shown.length)] : shown;
}
