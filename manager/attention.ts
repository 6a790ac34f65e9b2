import { duration } from '#core/reasons/reason';
import type { ManagerContext } from './context.ts';
import type { Status } from './status.ts';

/** Something that a person should look at, and the command that helps. */
export interface Attention {
  readonly text: string;
  readonly command?: string;
}

const SECRET_NOTICE_MS = 14 * 86_400_000;
/** A gateway takes a change within milliseconds: behind for so long, it lags. */
const LAG_NOTICE_MS = 5000;

/** What needs attention: gateways first, then secrets that end, then drafts that nobody deployed. */
export async function attentionOf(context: ManagerContext, status: Status): Promise<Attention[]> {
  return [...gatewayAttention(context, status), ...(await secretAttention(context)), ...draftAttention(status)];
}

function gatewayAttention({ clock, services }: ManagerContext, { gateways }: Status): Attention[] {
  const now = clock.now();
  const isSettled = now - services.lastCommitAt > LAG_NOTICE_MS;
  if (gateways.length === 0)
    return [{ text: 'No gateway has joined: nothing is served.', command: 'gatewright doctor' }];
  return gateways.flatMap(({ name, state, lag, problem, lastSeenAt }): Attention[] => {
    if (state === 'lost')
      return [
        {
          text: `Gateway ${name} was last heard of ${duration(now - lastSeenAt)} ago. If it runs, it serves what it has.`,
          command: 'gatewright doctor',
        },
      ];
    if (problem !== undefined) return [{ text: `Gateway ${name}: ${problem}`, command: 'gatewright gateway list' }];
    if (lag > 0 && isSettled)
      return [
        {
          text: `Gateway ${name} is ${lag} ${lag === 1 ? 'change' : 'changes'} behind.`,
          command: 'gatewright gateway list',
        },
      ];
    return [];
  });
}

async function secretAttention({ db, clock }: ManagerContext): Promise<Attention[]> {
  const now = clock.now();
  const active = await db.read
    .selectFrom('secrets')
    .innerJoin('subscriptions', 'subscriptions.id', 'secrets.subscription_id')
    .innerJoin('clients', 'clients.id', 'subscriptions.client_id')
    .select([
      'secrets.name',
      'secrets.ends_at',
      'secrets.created_at',
      'secrets.last_used_at',
      'secrets.subscription_id',
    ])
    .select([
      'clients.name as client_name',
      'clients.display_name as client_title',
      'subscriptions.name as subscription_name',
    ])
    .where('secrets.active', '=', 1)
    .where('subscriptions.state', '=', 'active')
    .where('secrets.subscription_id', 'in', (ending) =>
      ending
        .selectFrom('secrets')
        .select('subscription_id')
        .where('active', '=', 1)
        .where('ends_at', '>', now)
        .where('ends_at', '<', now + SECRET_NOTICE_MS),
    )
    .orderBy('secrets.ends_at')
    .execute();
  return active.flatMap((secret): Attention[] => {
    const endsAt = secret.ends_at ?? Number.POSITIVE_INFINITY;
    if (endsAt <= now || endsAt >= now + SECRET_NOTICE_MS) return [];
    const successor = active.find(
      (other) =>
        other.subscription_id === secret.subscription_id && (other.ends_at ?? Number.POSITIVE_INFINITY) > endsAt,
    );
    // An old secret that runs out after a rotation is as it should be, unless the client goes on using it.
    const isStillUsed = successor !== undefined && (secret.last_used_at ?? 0) > successor.created_at;
    if (successor !== undefined && !isStillUsed) return [];
    const text = `Secret ${secret.name} of ${secret.client_title} ends in ${duration(endsAt - now)}, and ${isStillUsed ? 'the client still uses it' : 'there is no newer one'}.`;
    return [
      { text, command: `gatewright client rotate ${secret.client_name} --subscription ${secret.subscription_name}` },
    ];
  });
}

function draftAttention({ projects }: Status): Attention[] {
  return projects
    .filter(({ draftChanged, live }) => draftChanged && live.length > 0)
    .map(({ name, displayName, live }) => ({
      text: `${displayName} has changes that are not deployed.`,
      command: `gatewright diff ${name} --to ${live[0]?.serverGroup}`,
    }));
}
