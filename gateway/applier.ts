import type { FeedDeployment } from '#core/change-feed';
import type { Logger } from '#core/logger';
import type { RefusedDeployment, ToPrimary } from './ipc.ts';
import { ReplicaDamaged } from './replica-database.ts';
import type { Configuration, FoundConfiguration, ReplicaReader } from './replica-reader.ts';
import type { WorkerDataPlane } from './worker.ts';

/** Brings the data plane to what the replica says, and tells the primary how it went. */
export interface Applier {
  /** Reads and applies the present configuration. Gives true when there is one being served. */
  apply(): Promise<boolean>;
  /** Only the registry changed up to `seq`: nothing to compile. */
  note(seq: number): void;
}

/**
 * Makes an applier. A change set with a deployment that does not compile is refused whole: its deployments stay what they were, and others
 * that changed since are taken. Calls that come while one runs are one more run: only the newest state counts.
 */
export function createApplier(deps: {
  reader(): ReplicaReader;
  apply(configuration: Configuration): ReturnType<WorkerDataPlane['apply']>;
  readonly logger: Logger;
  say(message: ToPrimary): void;
}): Applier {
  const { logger, say } = deps;
  let isServing = false;
  let refused: readonly RefusedDeployment[] = [];
  let appliedSeq = -1;
  let running: Promise<boolean> | undefined;
  let isWanted = false;

  const tell = (): void => say({ type: 'applied', seq: appliedSeq, refused, isServing });
  const run = async (): Promise<void> => {
    const found = read();
    if (found === undefined) return;
    const { present } = found;
    const first = await deps.apply(present);
    refused = first.refused.map(({ id, problem }) => ({
      id,
      seq: found.deploymentSeqs.get(id) ?? present.seq,
      problem,
    }));
    if (refused.length > 0) {
      refused = withTheirChangeSets(refused, found);
      logger.error({ seq: present.seq, refused }, 'Deployments are refused; what they replace is kept');
      const kept = without(refused, found, isServing);
      const again = kept === undefined ? first : await deps.apply(kept);
      // a data plane that had no set at all runs what compiles; one that had keeps it
      isServing ||= kept !== undefined && again.refused.length < Math.max(1, kept.deployments.length);
    } else isServing = true;
    appliedSeq = present.seq;
    tell();
  };
  const read = (): FoundConfiguration | undefined => {
    try {
      return deps.reader().findConfiguration();
    } catch (error) {
      if (!(error instanceof ReplicaDamaged)) throw error;
      say({ type: 'replica-damaged', problem: error.message });
      return undefined;
    }
  };
  const loop = async (): Promise<boolean> => {
    while (isWanted) {
      isWanted = false;
      try {
        await run();
      } catch (error) {
        logger.error({ err: error }, 'A configuration could not be applied; the old one is kept');
      }
    }
    return isServing;
  };
  return {
    apply() {
      isWanted = true;
      running ??= loop().finally(() => {
        running = undefined;
        if (isWanted) void this.apply();
      });
      return running;
    },
    note(seq) {
      appliedSeq = Math.max(appliedSeq, seq);
      if (running === undefined) tell();
    },
  };
}

/** What came in the same change set as a refused deployment is held back with it (decision 26). */
function withTheirChangeSets(refused: readonly RefusedDeployment[], found: FoundConfiguration): RefusedDeployment[] {
  const all = new Map(refused.map((one) => [one.id, one]));
  for (const id of found.before.keys()) {
    const seq = found.deploymentSeqs.get(id);
    const cause = refused.find((one) => one.seq === seq);
    if (seq === undefined || cause === undefined || all.has(id)) continue;
    all.set(id, { id, seq, problem: `Held back together with ${cause.id}: ${cause.problem}` });
  }
  return [...all.values()];
}

/**
 * The present configuration with what the refused deployments were before. When one has no older state, a worker that serves keeps all it
 * has (undefined); one that serves nothing yet leaves it out.
 */
function without(
  refused: readonly RefusedDeployment[],
  { present, before }: FoundConfiguration,
  isServing: boolean,
): Configuration | undefined {
  if (isServing && refused.some(({ id }) => !before.has(id))) return undefined;
  const deployments = new Map(present.deployments.map((deployment) => [objectId(deployment), deployment]));
  for (const { id } of refused) {
    const older = before.get(id);
    if (older === undefined) deployments.delete(id);
    else deployments.set(id, older);
  }
  return { ...present, deployments: [...deployments.values()] };
}

function objectId({ serverGroupId, projectId }: FeedDeployment): string {
  return `${serverGroupId}/${projectId}`;
}
