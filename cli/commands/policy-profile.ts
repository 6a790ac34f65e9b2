import { PROFILES } from '#core/model/oauth-profile';
import type { PolicyProfile } from '#core/model/policy-profile';
import { usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { confirm } from '../confirm.ts';
import { EXIT } from '../exit-code.ts';
import { getThing } from '../lookup.ts';
import { nounOf } from '../noun.ts';
import { plain } from '../plain.ts';
import type { Session } from '../session.ts';

type Changes = PolicyProfile['changes'];

/** `gatewright policy profile`: without a profile what is otherwise than the one it follows, with one it sets the policy so. */
export const policyProfile: Run = async (session, input) => {
  const { out } = session;
  const chosen = input.argument(1) === '' ? undefined : input.argument(1);
  session.doing = `look at the profile of ${input.argument(0)}`;
  if (chosen !== undefined && !PROFILES.some((one) => one === chosen))
    throw usageError(`There is no profile "${plain(chosen)}". There are: ${PROFILES.join(', ')}.`);
  const api = await session.api();
  const { thing, path, place } = await getThing(api, nounOf('policy'), input.argument(0));
  const found = await api.get<PolicyProfile>(`${path}/profile`, { profile: chosen });
  const { profile, changes } = found;
  showChanges(session, changes);
  if (chosen === undefined || input.flag('dryRun')) {
    out.json(found);
    showOthers(session, found);
    const words = changes.length === 0 ? 'nothing' : settings(changes.length);
    out.line(out.style.bold(`${plain(place)} has ${words} otherwise than the profile ${profile}.`));
    return input.flag('dryRun') && changes.length > 0 ? EXIT.wouldChange : EXIT.done;
  }
  session.doing = `set ${input.argument(0)} as the profile ${profile} has it`;
  if (changes.length > 0) await confirm(session, `${settings(changes.length)} of ${plain(place)} will be set so.`);
  const done = await api.put<PolicyProfile>(`${path}/profile`, { profile }, Number(thing.revision));
  out.json(done);
  showOthers(session, done);
  out.line(out.style.dim(`Not live until deployed: gatewright deploy ${place.split('/')[0] ?? ''}`));
  out.line(out.style.green(out.style.bold(`${plain(place)} is as the profile ${profile} has it.`)));
  return EXIT.done;
};

function showChanges({ out }: Session, changes: Changes): void {
  for (const { pointer, is, should, why, source } of changes) {
    const name = pointer.slice(1).replaceAll('/', '.');
    out.line(
      `  ${out.style.bold(plain(name))}: ${inWords(is)} → ${inWords(should)}  ${out.style.dim(`${why} (${source})`)}`,
    );
  }
}

/** Authorization end points are in projects of their own, and are never set along. */
function showOthers({ out }: Session, { profile, others }: PolicyProfile): void {
  for (const { project, policy, changes } of others) {
    const names = changes.map(({ pointer }) => pointer.slice(1).replaceAll('/', '.')).join(', ');
    out.line(
      `Its authorization end point ${project} has ${names} otherwise: gatewright policy profile ${project}/${policy} ${profile}`,
    );
  }
}

const settings = (n: number) => `${n} ${n === 1 ? 'setting' : 'settings'}`;

function inWords(value: unknown): string {
  if (value === undefined) return 'nothing';
  return plain(Array.isArray(value) ? value.join(', ') || 'none' : String(value));
}
