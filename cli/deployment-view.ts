import type { Change, Deployment, Diff } from '#core/model/deployment';
import type { Gateway, ServerGroup } from '#core/model/server-group';
import { type Api, at } from './api.ts';
import { took } from './duration.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Output } from './output.ts';
import { plain } from './plain.ts';
import type { Session } from './session.ts';

/** Answer of a dry run of a deployment. */
export interface DryRun {
  readonly diff: Diff;
  readonly checks?: readonly { readonly name: string; readonly ok: boolean; readonly message: string }[];
  readonly version?: number;
}

/** Prints what would change or has changed, one sentence a line. */
export function showChanges(out: Output, changes: readonly Change[]): void {
  const { style } = out;
  const marks = { added: style.green('+'), removed: style.red('-'), changed: style.yellow('~') };
  out.line();
  for (const { kind, sentence } of changes) out.line(`  ${marks[kind]} ${plain(sentence)}`);
  if (changes.length === 0) out.line(`  ${style.dim('Nothing differs.')}`);
  out.line();
}

/**
 * Follows a deployment until every gateway of its group has taken or refused it, or the wait is over; the work itself goes on.
 * Says each gateway's outcome once.
 */
export async function followDeployment(
  session: Session,
  api: Api,
  { deployment, waitMs }: { readonly deployment: Deployment; readonly waitMs: number },
): Promise<Deployment> {
  const { out, clock } = session;
  const until = clock.monotonic() + waitMs;
  const told = new Set<string>();
  const waiting = await out.wait(`Waiting for the gateways of ${deployment.serverGroup}`);
  try {
    for (let now = deployment; ; now = await api.get<Deployment>(at`/deployments/${deployment.id}`)) {
      waiting.stop();
      for (const gateway of now.gateways) {
        if (told.has(gateway.gatewayId) || (gateway.state !== 'running' && gateway.state !== 'refused')) continue;
        told.add(gateway.gatewayId);
        out.note(gatewayLine(out, gateway, now));
      }
      const settled = now.gateways.length > 0 && now.gateways.every(({ state }) => state !== 'waiting');
      if (settled || clock.monotonic() >= until) {
        for (const gateway of now.gateways) if (!told.has(gateway.gatewayId)) out.note(gatewayLine(out, gateway, now));
        return now;
      }
      await session.sleep(100);
    }
  } finally {
    waiting.stop();
  }
}

function gatewayLine(
  { style }: Output,
  { gateway, state, problem, afterMs }: Deployment['gateways'][number],
  { version, kind }: Deployment,
): string {
  const after = afterMs === undefined ? '' : style.dim(` after ${took(afterMs)}`);
  const is = kind === 'undeploy' ? 'off' : `on v${version}`;
  switch (state) {
    case 'running':
      return `${style.green('✔')} ${plain(gateway)}  ${is}${after}`;
    case 'refused':
      return `${style.red('✖')} ${plain(gateway)}  did not take ${kind === 'undeploy' ? 'it' : `v${version}`}: ${plain(problem ?? 'it did not say why')}`;
    case 'lost':
      return `${style.yellow('–')} ${plain(gateway)}  not reached; it will take ${kind === 'undeploy' ? 'it' : `v${version}`} when it returns`;
    case 'waiting':
      return `${style.dim('·')} ${plain(gateway)}  has not answered yet`;
  }
}

/** The verdict of a deployment: its words and the exit code. */
export interface Verdict {
  readonly words: string;
  readonly isGood: boolean;
  readonly exit: ExitCode;
}

/** `Live.`, `Partly live: 1 of 2 gateways`, `Not live: …`. @param waited false when nobody waited for the gateways */
export function verdictOf({ gateways, kind, serverGroup }: Deployment, waited: boolean): Verdict {
  const done = gateways.filter(({ state }) => state === 'running').length;
  const [live, not] = kind === 'undeploy' ? ['Off', 'Not off'] : ['Live', 'Not live'];
  if (gateways.length === 0) {
    return {
      words: `${not} yet: no gateway of ${serverGroup} runs. It is taken when one starts.`,
      isGood: false,
      exit: EXIT.partly,
    };
  }
  if (done === gateways.length) return { words: `${live}.`, isGood: true, exit: EXIT.done };
  const count = `${done} of ${gateways.length} gateways`;
  if (!waited) return { words: `On its way: ${count}.`, isGood: true, exit: EXIT.done };
  if (done > 0) return { words: `Partly ${live.toLowerCase()}: ${count}.`, isGood: false, exit: EXIT.partly };
  const refused = gateways.find(({ state }) => state === 'refused');
  return refused === undefined
    ? { words: `${not} yet: ${count}. It goes on; look again: gatewright status`, isGood: false, exit: EXIT.partly }
    : { words: `${not}: ${plain(refused.problem ?? 'refused')}`, isGood: false, exit: EXIT.refused };
}

/** Where clients reach a server group: its public URL, or the address of one of its gateways; undefined when none runs. */
export async function groupUrl(api: Api, group: ServerGroup): Promise<string | undefined> {
  if (group.publicUrl !== '') return group.publicUrl;
  const gateways = (await api.items<Gateway>('/gateways')).filter(({ serverGroup }) => serverGroup === group.name);
  const gateway =
    gateways.find(({ state }) => state === 'ready') ?? gateways.find(({ state }) => state !== 'lost') ?? gateways[0];
  return gateway?.address;
}
