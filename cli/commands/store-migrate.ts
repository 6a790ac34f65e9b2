import type { TokenStoreMigration, TokenStoreView } from '#core/model/token-store';
import { type Api, at } from '../api.ts';
import { usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { confirm } from '../confirm.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { getThing } from '../lookup.ts';
import { nounOf } from '../noun.ts';
import { plain } from '../plain.ts';
import type { Session } from '../session.ts';

const LOOK_EVERY_MS = 300;
const BAR_WIDTH = 24;

const PHASES: Readonly<Record<TokenStoreMigration['phase'], string>> = {
  copying: 'copying',
  settling: 'codes and refresh tokens that are in use',
  closing: 'what came meanwhile',
  done: 'done',
};

/** `gatewright store migrate`: begins a migration, or finds one that is under way, and follows it. Exit 4 when it does not go on for long. */
export const migrateStore: Run = async (session, input) => {
  const { out } = session;
  const [from, to] = [input.text('from'), input.text('to')];
  if (from === undefined || to === undefined)
    throw usageError('Say from which token store to which: gatewright store migrate --from configured --to shared');
  session.doing = `migrate the token store ${from} to ${to}`;
  const api = await session.api();
  const { thing, path, place } = await getThing<TokenStoreView>(api, nounOf('token-store'), from);
  const { migration } = thing;
  const isUnderWay = migration?.to === to && migration.phase !== 'done';
  if (isUnderWay) out.note(out.style.dim(`It is under way since ${new Date(migration.startedAt).toISOString()}.`));
  else {
    await confirm(
      session,
      `What is new goes to ${plain(to)} at once, and all that ${place} keeps follows. It cannot be turned round.`,
    );
  }
  const begun = isUnderWay ? thing : await api.post<TokenStoreView>(`${path}/migrate`, { to });
  if (input.flag('detach') && begun.migration?.phase !== 'done') {
    out.json(begun);
    out.line(out.style.bold('The migration goes on in the server.'));
    out.line(out.style.dim(`Follow it with: gatewright store migrate --from ${place} --to ${plain(to)}`));
    return EXIT.done;
  }
  return follow(session, api, begun);
};

async function follow(session: Session, api: Api, begun: TokenStoreView): Promise<ExitCode> {
  const { out } = session;
  const { name } = begun;
  const waiting = await out.wait(`Migrating ${name}`);
  let told = '';
  try {
    for (let now = begun; ; now = await api.get<TokenStoreView>(at`/token-stores/${name}`)) {
      const { migration } = now;
      if (migration === undefined) throw new Error('The token store says nothing of its migration.');
      const { problem } = migration;
      waiting.say(`${bar(migration)} ${migration.moved} records, ${PHASES[migration.phase]}`);
      if (problem !== undefined && problem !== told) out.warn(`${plain(problem)} It is tried again by itself.`);
      told = problem ?? told;
      if (migration.phase === 'done') {
        waiting.stop();
        out.json(now);
        const seconds = Math.max(0, (migration.endedAt ?? migration.startedAt) - migration.startedAt) / 1000;
        out.line(`${migration.moved} records in ${seconds.toFixed(1)} s.`);
        if (!now.isConfigured) out.line(out.style.dim(next(now)));
        out.line(out.style.bold(`Migrated ${name} to ${migration.to}.`));
        return EXIT.done;
      }
      await session.sleep(LOOK_EVERY_MS);
    }
  } finally {
    waiting.stop();
  }
}

function next({ name, usedBy, migration }: TokenStoreView): string {
  const policies = usedBy.map(({ project, policy }) => `${project} (${policy})`).join(', ');
  if (policies !== '')
    return `Next: let ${plain(policies)} name ${migration?.to} and deploy; then gatewright token-store delete ${name}`;
  return `Next, a day from now when sign-ins that were begun there have ended: gatewright token-store delete ${name}`;
}

/** `[██████······] 50 %`; nothing when it is not known how many there are. */
function bar({ moved, total, phase }: TokenStoreMigration): string {
  if (total === undefined) return '';
  const share = phase === 'copying' ? Math.min(0.98, total === 0 ? 0.98 : moved / total) : 0.99;
  const full = Math.round(share * BAR_WIDTH);
  return `[${'█'.repeat(full)}${'·'.repeat(BAR_WIDTH - full)}] ${Math.round(share * 100)} %`;
}
