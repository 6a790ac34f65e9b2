import type { Deployment } from '#core/model/deployment';
import type { Project } from '#core/model/project';
import type { Run } from '../command-spec.ts';
import { type DryRun, followDeployment, groupUrl, showChanges, verdictOf } from '../deployment-view.ts';
import { parseDuration } from '../duration.ts';
import { EXIT } from '../exit-code.ts';
import { getThing } from '../lookup.ts';
import { nounOf } from '../noun.ts';
import { plain } from '../plain.ts';
import { chooseServerGroup } from '../server-group-choice.ts';
import { parseVersion } from '../version-number.ts';

/** `gatewright deploy`: shows what changes, places it, waits for the gateways. */
export const deploy: Run = async (session, input) => {
  const { out } = session;
  const wanted = input.text('version');
  const version = wanted === undefined ? undefined : parseVersion(wanted);
  const waitMs = parseDuration(input.text('wait') ?? '60s');
  session.doing = `deploy ${input.argument(0)}`;
  const api = await session.api();
  const { thing: project } = await getThing<Project>(api, nounOf('project'), input.argument(0));
  const group = await chooseServerGroup(api, input.text('to'), '--to');
  session.doing = `deploy ${project.displayName} to ${group.displayName}`;
  const body = {
    project: project.name,
    serverGroup: group.name,
    ...(version !== undefined && { version }),
    note: input.text('note') ?? '',
  };
  const before = await api.post<DryRun>('/deployments', { ...body, dryRun: true });
  const { style } = out;
  const { changes, from, to } = before.diff;
  out.line(
    `${style.bold(plain(project.displayName))}  ${from === 'nothing' ? '' : `${from} → `}${style.bold(before.version === undefined ? to : `v${before.version}`)}  to ${style.bold(plain(group.displayName))}`,
  );
  showChanges(out, changes);
  for (const check of before.checks ?? []) {
    out.note(
      `${check.ok ? style.green('✔') : style.red('✖')} ${plain(check.name)}  ${style.dim(plain(check.message))}`,
    );
  }
  if (input.flag('dryRun')) {
    out.json(before);
    const isRefused = before.checks?.some(({ ok }) => !ok) === true;
    if (isRefused) {
      out.line('Nothing was deployed: --dry-run. It would be refused.');
      return EXIT.refused;
    }
    const isChange = changes.length > 0;
    out.line(isChange ? 'Nothing was deployed: --dry-run.' : 'Nothing would change.');
    return isChange ? EXIT.wouldChange : EXIT.done;
  }
  const made = await api.post<Deployment>('/deployments', { ...body, dryRun: false });
  const now = waitMs === 0 ? made : await followDeployment(session, api, { deployment: made, waitMs });
  const verdict = verdictOf(now, waitMs > 0);
  const base = await groupUrl(api, group);
  const url = base === undefined ? undefined : base + (project.contextPath === '/' ? '' : project.contextPath);
  out.json({ ...now, ...(url !== undefined && { url }) });
  out.note();
  const undo =
    now.previousVersion === undefined
      ? `gatewright undeploy ${project.name} --on ${group.name} --yes`
      : `gatewright rollback ${project.name} --on ${group.name} --to v${now.previousVersion}`;
  out.line(style.dim(`Undo with: ${undo}`));
  out.line(
    `${verdict.isGood ? style.green(style.bold(verdict.words)) : style.yellow(style.bold(verdict.words))}${url === undefined ? '' : ` ${url}`}`,
  );
  return verdict.exit;
};
