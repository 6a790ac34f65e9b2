import type { Clock } from '#core/clock';
import type { Logger } from '#core/logger';
import type { GatewayProgress } from '#core/model/deployment';
import type { Gateway } from '#core/model/server-group';
import type { ManagerDatabase } from '../database.ts';
import type { ReportHead } from '../exchanges/report.ts';
import type { FeedHead } from '../feed/append.ts';
import { createSignal, type Signal } from '../feed/signal.ts';
import type { DeploymentTable, GatewayTable } from '../feed/tables.ts';
import type { Member, Members } from './members.ts';

/** A gateway that is not heard of for so long is lost. Alive it reports every second. */
const LOST_AFTER_MS = 5000;
/** One that drained and went is forgotten soon; one that was lost stays in sight for a week. */
const FORGET_DRAINED_MS = 60_000;
const FORGET_LOST_MS = 7 * 86_400_000;
const ADVANCES_KEPT = 100;
const ROWS_PER_INSERT = 100;

/** A gateway as it reported last. */
export interface SeenGateway extends ReportHead {
  readonly lastSeenAt: number;
}

/** What is asked about a deployment's progress. */
export type PlacedDeployment = Pick<DeploymentTable, 'project_id' | 'server_group_id' | 'seq' | 'created_at'>;

/** The gateways as the manager knows them: in memory, from their reports; now and then written down for the next start. */
export interface Gateways {
  /** Woken when a gateway says something new. */
  readonly signal: Signal;
  /** Takes a report's head. */
  report(head: ReportHead): void;
  /** All gateways, by server group and name; those that joined also before they reported. */
  list(head: FeedHead): Gateway[];
  /** How far the gateways of a server group (by name) are with a deployment; those that drain take nothing any more and are left out. */
  progress(deployment: PlacedDeployment, serverGroup: string, epoch: string): GatewayProgress[];
  /** True when a gateway says that it refused this deployment. */
  isRefused(deployment: PlacedDeployment): boolean;
  /** Forgets a gateway that was removed. */
  forget(gatewayId: string): void;
  /** Writes down what is new and forgets who is long gone. */
  save(): Promise<void>;
  /** Takes over what other managers of the database have written down. */
  refresh(): Promise<void>;
}

interface Known {
  gateway: SeenGateway;
  /** When it reached which number: newest last. */
  readonly advances: { readonly seq: number; readonly at: number }[];
  isSaved: boolean;
}

/** What they are kept with. */
export interface GatewaysDeps {
  readonly db: ManagerDatabase;
  readonly members: Members;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Loads the gateways of the last run. */
export async function openGateways({ db, members, clock, logger }: GatewaysDeps): Promise<Gateways> {
  const startedAt = clock.now();
  const signal = createSignal();
  const known = new Map<string, Known>();
  const gone = new Set<string>();
  for (const row of await db.read.selectFrom('gateways').selectAll().execute())
    known.set(row.id, { gateway: parseGateway(row), advances: [], isSaved: true });

  // Right after a start nobody has reported yet: that is no loss.
  const isLost = (gateway: SeenGateway) => clock.now() - Math.max(gateway.lastSeenAt, startedAt) > LOST_AFTER_MS;

  function progressOf({ gateway, advances }: Known, deployment: PlacedDeployment, epoch: string): GatewayProgress {
    const shown = { gateway: gateway.name, gatewayId: gateway.gatewayId };
    const refusal = refusalOf(gateway, deployment);
    if (isLost(gateway))
      return {
        ...shown,
        state: 'lost',
        problem: `Not heard of for ${LOST_AFTER_MS / 1000} s. It keeps serving what it has.`,
      };
    if (refusal !== undefined) return { ...shown, state: 'refused', problem: refusal };
    if (gateway.epoch !== epoch || gateway.seq < deployment.seq) return { ...shown, state: 'waiting' };
    const reached = advances.find(({ seq }) => seq >= deployment.seq);
    const afterMs = reached === undefined ? undefined : Math.max(0, reached.at - Number(deployment.created_at));
    // The first number it told may be older than its telling; only a step over the deployment's own says when.
    const isStep = reached !== undefined && reached !== advances[0];
    return { ...shown, state: 'running', ...(isStep && afterMs !== undefined && { afterMs }) };
  }

  function take(gateway: SeenGateway, isSaved: boolean): void {
    const before = known.get(gateway.gatewayId);
    const advances = before?.gateway.epoch === gateway.epoch ? before.advances : [];
    if (advances.at(-1)?.seq !== gateway.seq) advances.push({ seq: gateway.seq, at: gateway.lastSeenAt });
    if (advances.length > ADVANCES_KEPT) advances.shift();
    known.set(gateway.gatewayId, { gateway, advances, isSaved });
    if (before === undefined || saysNew(before.gateway, gateway)) signal.wake();
  }

  return {
    signal,
    report(head) {
      const before = known.get(head.gatewayId);
      take({ ...head, secretsUsed: [], lastSeenAt: clock.now() }, false);
      if (before === undefined) logger.info({ gateway: head.name, serverGroup: head.serverGroup }, 'A gateway joined.');
    },
    list(head) {
      const seen = [...known.values()].map(({ gateway }) => ({
        ...shownGateway(gateway, head, isLost(gateway)),
        ...(members.orderOf(gateway.gatewayId) === 'drain' && { isDrainWanted: true }),
        ...joinedFields(members.find(gateway.gatewayId)),
      }));
      const unseen = members.list().filter(({ id }) => !known.has(id));
      return [...seen, ...unseen.map((member) => unseenGateway(member, head))].sort((a, b) =>
        `${a.serverGroup} ${a.name}` < `${b.serverGroup} ${b.name}` ? -1 : 1,
      );
    },
    progress(deployment, serverGroup, epoch) {
      return [...known.values()]
        .filter(({ gateway }) => gateway.serverGroup === serverGroup && gateway.state !== 'draining')
        .map((entry) => progressOf(entry, deployment, epoch))
        .sort((a, b) => (a.gateway < b.gateway ? -1 : 1));
    },
    isRefused: (deployment) => [...known.values()].some(({ gateway }) => refusalOf(gateway, deployment) !== undefined),
    forget(gatewayId) {
      if (known.delete(gatewayId)) gone.add(gatewayId);
      signal.wake();
    },
    async save() {
      for (const [id, { gateway }] of known) {
        const age = clock.now() - gateway.lastSeenAt;
        // What joined is there until it is removed, and what was told to drain until it is undrained.
        if (members.find(id) !== undefined || members.orderOf(id) === 'drain') continue;
        if (age > (gateway.state === 'draining' ? FORGET_DRAINED_MS : FORGET_LOST_MS)) {
          known.delete(id);
          gone.add(id);
        }
      }
      const fresh = [...known.values()].filter(({ isSaved }) => !isSaved);
      if (fresh.length === 0 && gone.size === 0) return;
      await db.transaction(async (tx) => {
        for (let i = 0; i < fresh.length; i += ROWS_PER_INSERT)
          await tx
            .insertInto('gateways')
            .values(fresh.slice(i, i + ROWS_PER_INSERT).map(({ gateway }) => rowOf(gateway)))
            .onConflict((conflict) =>
              conflict
                .column('id')
                .doUpdateSet((row) => ({
                  server_group: row.ref('excluded.server_group'),
                  last_seen_at: row.ref('excluded.last_seen_at'),
                  head: row.ref('excluded.head'),
                }))
                // It may report to another manager by now.
                .whereRef('gateways.last_seen_at', '<=', 'excluded.last_seen_at'),
            )
            .execute();
        if (gone.size > 0)
          await tx
            .deleteFrom('gateways')
            .where('id', 'in', [...gone])
            .execute();
      });
      gone.clear();
      for (const entry of fresh) entry.isSaved = true;
    },
    async refresh() {
      const rows = await db.read.selectFrom('gateways').selectAll().execute();
      for (const row of rows) {
        const isNewer = Number(row.last_seen_at) > (known.get(row.id)?.gateway.lastSeenAt ?? 0);
        if (isNewer && !gone.has(row.id)) take(parseGateway(row), true);
      }
      const there = new Set(rows.map(({ id }) => id));
      for (const [id, { isSaved }] of known) if (isSaved && !there.has(id)) known.delete(id);
    },
  };
}

function rowOf({ lastSeenAt, ...head }: SeenGateway): GatewayTable {
  const { gatewayId: id, serverGroup } = head;
  return { id, server_group: serverGroup, last_seen_at: lastSeenAt, head: JSON.stringify(head) };
}

function refusalOf(gateway: SeenGateway, { server_group_id, project_id, seq }: PlacedDeployment): string | undefined {
  const id = `${server_group_id}/${project_id}`;
  return gateway.refused.find((refused) => refused.id === id && refused.seq >= seq)?.problem;
}

function saysNew(before: SeenGateway, after: SeenGateway): boolean {
  const told = ({ lastSeenAt: _, batchId: __, secretsUsed: ___, ...rest }: SeenGateway) => JSON.stringify(rest);
  return told(before) !== told(after);
}

function shownGateway(gateway: SeenGateway, head: FeedHead, lost: boolean): Gateway {
  const { gatewayId, name, serverGroup, address, softwareVersion, epoch, seq, state, workers, startedAt } = gateway;
  const { cpuShare, memoryBytes, connections, machine, tokenStore } = gateway;
  const problem = gateway.problem ?? gateway.refused[0]?.problem;
  return {
    ...{ id: gatewayId, name, serverGroup, address, softwareVersion, epoch, seq, workers, startedAt },
    lag: Math.max(0, epoch === head.epoch ? head.seq - seq : head.seq),
    state: lost ? 'lost' : state,
    lastSeenAt: gateway.lastSeenAt,
    ...(cpuShare !== undefined && { cpuShare }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    ...(connections !== undefined && { connections }),
    ...(machine !== undefined && { machine }),
    ...(tokenStore !== undefined && { tokenStore }),
    ...(problem !== undefined && { problem }),
  };
}

function joinedFields(member: Member | undefined): Pick<Gateway, 'joined'> | undefined {
  if (member === undefined) return undefined;
  return { joined: { at: member.joinedAt, by: member.joinedBy, certificateEndsAt: member.certificateEndsAt } };
}

/** A gateway that joined and has not reported yet, or not for so long that its last report is forgotten. */
function unseenGateway(member: Member, head: FeedHead): Gateway {
  const { id, name, serverGroup, joinedAt } = member;
  return {
    ...{ id, name, serverGroup, address: '', softwareVersion: '', epoch: '', seq: 0, lag: head.seq, workers: 0 },
    ...{ state: 'lost', lastSeenAt: joinedAt, startedAt: joinedAt },
    problem: 'It joined and has not reported yet.',
    ...joinedFields(member),
  };
}

/** Reads what {@link Gateways.save} wrote. */
function parseGateway({ head, last_seen_at }: GatewayTable): SeenGateway {
  return { ...(JSON.parse(head) as ReportHead), lastSeenAt: Number(last_seen_at) };
}
