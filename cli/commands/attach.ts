import { type Attachment, type Endpoints, PHASE_TITLES, PHASES, type Phase } from '#core/model/endpoint';
import type { Policy } from '#core/model/policy';
import { DEFAULT_RESOURCE } from '#core/model/resource';
import { type Api, at } from '../api.ts';
import { CliError, usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { EXIT } from '../exit-code.ts';
import { getThing } from '../lookup.ts';
import { nearest } from '../nearest.ts';
import { nounOf } from '../noun.ts';
import type { PolicyTypeView } from '../policy-fields.ts';

/** What has endpoints: a project, or a resource of it. */
interface Holder {
  readonly name: string;
  readonly displayName: string;
  readonly revision: number;
  readonly endpoints: Endpoints;
}

/** `gatewright policy attach`. */
export const attach: Run = async (session, input) => {
  const { out } = session;
  session.doing = `attach ${input.argument(0)}`;
  const api = await session.api();
  const { thing: policy, place } = await getThing<Policy>(api, nounOf('policy'), input.argument(0));
  const project = place.split('/')[0] ?? '';
  const phase =
    input.text('at') === undefined ? await firstPhase(api, policy.type) : parsePhase(input.text('at') ?? '');
  const { holder, path } = await openHolder(api, project, input.text('resource') ?? DEFAULT_RESOURCE.name);
  const before = holder.endpoints[phase].filter((one) => one.policy !== policy.name);
  const position = parsePosition(input.text('position'), before.length + 1);
  const added: Attachment = { policy: policy.name, enabled: !input.flag('off') };
  const attachments = before.toSpliced(position - 1, 0, added);
  const changed = await api.put(path + at`/endpoints/${phase}`, { attachments }, holder.revision);
  out.json(changed);
  out.line(out.style.dim(`Undo with: gatewright policy detach ${place} --at ${phase}`));
  out.line(
    out.style.bold(
      `Attached ${policy.name} at position ${position} of ${attachments.length} in ${PHASE_TITLES[phase]} of ${holder.displayName}, in the draft.`,
    ),
  );
  return EXIT.done;
};

/** `gatewright policy detach`: from one endpoint or from all. */
export const detach: Run = async (session, input) => {
  const { out } = session;
  session.doing = `detach ${input.argument(0)}`;
  const api = await session.api();
  const { thing: policy, place } = await getThing<Policy>(api, nounOf('policy'), input.argument(0));
  const project = place.split('/')[0] ?? '';
  const phases = input.text('at') === undefined ? PHASES : [parsePhase(input.text('at') ?? '')];
  const wanted = input.text('resource');
  const names =
    wanted !== undefined
      ? [wanted]
      : ['project', ...(await api.list<Holder>(at`/projects/${project}/resources`)).map(({ name }) => name)];
  const places: string[] = [];
  for (const name of names) {
    for (const phase of phases) {
      const { holder, path } = await openHolder(api, project, name);
      const attachments = holder.endpoints[phase].filter((one) => one.policy !== policy.name);
      if (attachments.length === holder.endpoints[phase].length) continue;
      await api.put(path + at`/endpoints/${phase}`, { attachments }, holder.revision);
      places.push(`${PHASE_TITLES[phase]} of ${holder.displayName}`);
    }
  }
  if (places.length === 0) throw new CliError(`${policy.name} is not attached there.`, { exit: EXIT.notFound });
  out.json({ policy: policy.name, project, detached: places });
  for (const one of places) out.line(`- ${one}`);
  out.line(out.style.bold(`Detached ${policy.name}, in the draft.`));
  return EXIT.done;
};

async function openHolder(
  api: Api,
  project: string,
  resource: string,
): Promise<{ readonly holder: Holder; readonly path: string }> {
  if (resource === 'project') {
    const path = at`/projects/${project}`;
    return { holder: await api.get<Holder>(path), path };
  }
  const { thing, path } = await getThing<Holder>(api, nounOf('resource'), `${project}/${resource}`);
  return { holder: thing, path };
}

async function firstPhase(api: Api, type: string): Promise<Phase> {
  const { phases } = await api.get<PolicyTypeView>(at`/policy-types/${type}`);
  return parsePhase(phases[0] ?? 'proxyRequest');
}

function parsePhase(text: string): Phase {
  const plainName = (name: string) => name.toLowerCase().replace(/[^a-z]/g, '');
  const phase = PHASES.find((one) => plainName(one) === plainName(text));
  if (phase !== undefined) return phase;
  const near = nearest(text, PHASES);
  throw usageError(
    `There is no endpoint ${text}. ${near === undefined ? `There are ${PHASES.join(', ')}.` : `Did you mean ${near}?`}`,
  );
}

function parsePosition(text: string | undefined, last: number): number {
  if (text === undefined) return last;
  const position = Number(text);
  if (Number.isInteger(position) && position >= 1 && position <= last) return position;
  throw usageError(`There is no position ${text}: it is a number from 1 to ${last}.`);
}
