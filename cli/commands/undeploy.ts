import type { Deployment } from '#core/model/deployment';
import type { Project } from '#core/model/project';
import type { Run } from '../command-spec.ts';
import { confirm } from '../confirm.ts';
import { followDeployment, verdictOf } from '../deployment-view.ts';
import { parseDuration } from '../duration.ts';
import { getThing } from '../lookup.ts';
import { nounOf } from '../noun.ts';
import { chooseServerGroup } from '../server-group-choice.ts';

/** `gatewright undeploy`. */
export const undeployCommand: Run = async (session, input) => {
  const { out } = session;
  const waitMs = parseDuration(input.text('wait') ?? '60s');
  session.doing = `undeploy ${input.argument(0)}`;
  const api = await session.api();
  const { thing: project } = await getThing<Project>(api, nounOf('project'), input.argument(0));
  const group = await chooseServerGroup(api, input.text('on'), '--on');
  session.doing = `undeploy ${project.displayName} from ${group.displayName}`;
  await confirm(session, `Calls of ${project.contextPath} in ${group.displayName} will be answered 404.`);
  const made = await api.post<Deployment>('/deployments/undeploy', {
    project: project.name,
    serverGroup: group.name,
    note: input.text('note') ?? '',
  });
  const now = waitMs === 0 ? made : await followDeployment(session, api, { deployment: made, waitMs });
  const verdict = verdictOf(now, waitMs > 0);
  out.json(now);
  const version = now.previousVersion ?? now.version;
  out.line(out.style.dim(`Undo with: gatewright deploy ${project.name} --to ${group.name} --version v${version}`));
  out.line(out.style.bold(verdict.words));
  return verdict.exit;
};
