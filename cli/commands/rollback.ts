import type { Deployment } from '#core/model/deployment';
import type { Project } from '#core/model/project';
import type { Run } from '../command-spec.ts';
import { type DryRun, followDeployment, showChanges, verdictOf } from '../deployment-view.ts';
import { parseDuration } from '../duration.ts';
import { EXIT } from '../exit-code.ts';
import { getThing } from '../lookup.ts';
import { nounOf } from '../noun.ts';
import { plain } from '../plain.ts';
import { chooseServerGroup } from '../server-group-choice.ts';
import { parseVersion } from '../version-number.ts';

/** `gatewright rollback`: an older version runs again; the draft stays. */
export const rollback: Run = async (session, input) => {
  const { out } = session;
  const { style } = out;
  const wanted = input.text('to');
  const toVersion = wanted === undefined ? undefined : parseVersion(wanted);
  const waitMs = parseDuration(input.text('wait') ?? '60s');
  session.doing = `roll back ${input.argument(0)}`;
  const api = await session.api();
  const { thing: project } = await getThing<Project>(api, nounOf('project'), input.argument(0));
  const group = await chooseServerGroup(api, input.text('on'), '--on');
  session.doing = `roll back ${project.displayName} in ${group.displayName}`;
  const body = {
    project: project.name,
    serverGroup: group.name,
    ...(toVersion !== undefined && { toVersion }),
    reason: input.text('reason') ?? '',
  };
  const answer = await api.post<DryRun | DryRun['diff']>('/deployments/rollback', { ...body, dryRun: true });
  const diff = 'diff' in answer ? answer.diff : answer;
  out.line(
    `${style.bold(plain(project.displayName))}  ${diff.from} → ${style.bold(diff.to)}  in ${style.bold(plain(group.displayName))}`,
  );
  showChanges(out, diff.changes);
  if (input.flag('dryRun')) {
    out.json(answer);
    out.line(diff.changes.length > 0 ? 'Nothing was rolled back: --dry-run.' : 'Nothing would change.');
    return diff.changes.length > 0 ? EXIT.wouldChange : EXIT.done;
  }
  const made = await api.post<Deployment>('/deployments/rollback', { ...body, dryRun: false });
  const now = waitMs === 0 ? made : await followDeployment(session, api, { deployment: made, waitMs });
  const verdict = verdictOf(now, waitMs > 0);
  out.json(now);
  out.note(style.dim('Not rolled back: consumer keys, subscriptions and the draft.'));
  if (now.previousVersion !== undefined) {
    out.line(
      style.dim(`Undo with: gatewright deploy ${project.name} --to ${group.name} --version v${now.previousVersion}`),
    );
  }
  const words = verdict.isGood
    ? `${verdict.words.replace(/\.$/, '')}: v${now.version} in ${plain(group.displayName)}.`
    : verdict.words;
  out.line(verdict.isGood ? style.green(style.bold(words)) : style.yellow(style.bold(words)));
  return verdict.exit;
};
