import type { Deployment, Diff } from '#core/model/deployment';
import type { Project } from '#core/model/project';
import { type Api, at } from './api.ts';
import { CliError } from './cli-error.ts';
import { verdictOf } from './deployment-view.ts';
import { EXIT } from './exit-code.ts';
import { QUICKSTART, type Tell } from './quickstart-objects.ts';
import type { Session } from './session.ts';

const WAIT_MS = 30_000;

/** Deploys what is not live as it is drafted, and waits until a gateway serves it. @throws CliError (partly done) when none does */
export async function deployProjects(
  session: Session,
  api: Api,
  { projects, tell }: { readonly projects: readonly Project[]; readonly tell: Tell },
): Promise<void> {
  const deployments: Deployment[] = [];
  for (const { name, displayName } of projects) {
    const diff = await api.get<Diff>(at`/projects/${name}/diff`, {
      from: `live:${QUICKSTART.serverGroup}`,
      to: 'draft',
    });
    const isLive = diff.from !== 'nothing' && diff.changes.length === 0;
    if (!isLive)
      deployments.push(
        await api.post<Deployment>('/deployments', {
          project: name,
          serverGroup: QUICKSTART.serverGroup,
          note: 'quickstart',
        }),
      );
    tell(`Deployed ${displayName} to Local`, !isLive);
  }
  const until = session.clock.monotonic() + WAIT_MS;
  for (const made of deployments) {
    for (let now = made; ; now = await api.get<Deployment>(at`/deployments/${made.id}`)) {
      const isOver = session.clock.monotonic() >= until;
      const isSettled = now.gateways.length > 0 && now.gateways.every(({ state }) => state !== 'waiting');
      if (isSettled && now.gateways.some(({ state }) => state === 'running')) break;
      if (isOver || isSettled) {
        throw new CliError(`${now.projectDisplayName} is not live: ${verdictOf(now, true).words}`, {
          exit: EXIT.partly,
          fixes: [{ text: 'See the gateways.', command: 'gatewright status' }],
        });
      }
      await session.sleep(50);
    }
  }
}
