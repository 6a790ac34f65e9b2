import type { Gateway } from '#core/model/server-group';
import type { TokenStoreHealth } from '#core/model/token-store';
import type { Run } from '../command-spec.ts';
import { EXIT } from '../exit-code.ts';
import type { Output } from '../output.ts';
import { plain } from '../plain.ts';
import { storeRecords, storeState } from '../store-health.ts';

/** Answer of `GET /status`. */
export interface Status {
  readonly version: string;
  readonly epoch: string;
  readonly seq: number;
  /** URL of the manager's own listener, where it says so. */
  readonly console?: string;
  readonly gateways: readonly Gateway[];
  readonly tokenStores: readonly ({ readonly name: string; readonly kind: string; readonly isDefault: boolean } & Pick<
    TokenStoreHealth,
    'state' | 'ms' | 'records'
  >)[];
  readonly attention: readonly { readonly text: string; readonly command?: string }[];
  /** All of them up to 50; with more, those of which changes are not deployed. */
  readonly projects: readonly {
    readonly name: string;
    readonly displayName: string;
    readonly live: readonly { readonly serverGroup: string; readonly version: number }[];
    readonly draftChanged: boolean;
  }[];
  /** Projects that are not listed. */
  readonly moreProjects: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** `gatewright status`: what runs where, and what needs attention. */
export const status: Run = async (session) => {
  const { out } = session;
  session.doing = 'show the status';
  const now = await (await session.api()).get<Status>('/status');
  out.json(now);
  if (!out.isJson) showStatus(out, now);
  return EXIT.done;
};

/** The status as a person reads it. */
export function showStatus(out: Output, now: Status): void {
  const { style } = out;
  out.line(style.bold('Gateways'));
  out.table(
    [{ title: 'NAME' }, { title: 'GROUP' }, { title: 'STATE' }, { title: 'ADDRESS' }, { title: 'CONFIGURATION' }],
    now.gateways.map(({ name, serverGroup, state, address, seq, lag }) => [
      name,
      serverGroup,
      state,
      address,
      lag === 0 ? `${seq}, newest` : `${seq}, ${lag} behind`,
    ]),
  );
  if (now.gateways.length === 0) out.line(style.dim('  None. Start one: gatewright start'));
  out.line();
  out.line(style.bold('Token stores'));
  out.table(
    [
      ...[{ title: 'NAME' }, { title: 'KIND' }, { title: 'DEFAULT' }, { title: 'STATE' }],
      { title: 'RECORDS', align: 'right' },
    ],
    now.tokenStores.map(({ name, kind, isDefault, ...health }) => [
      ...[name, kind, isDefault ? 'yes' : '–'],
      ...[storeState(health), storeRecords(health)],
    ]),
  );
  out.line();
  out.line(style.bold('Projects'));
  out.table(
    [{ title: 'NAME' }, { title: 'DISPLAY NAME' }, { title: 'LIVE' }, { title: 'DRAFT' }],
    now.projects.map(({ name, displayName, live, draftChanged }) => [
      name,
      displayName,
      live.length === 0
        ? 'nowhere'
        : live.map(({ serverGroup, version }) => `v${version} in ${serverGroup}`).join(', '),
      draftChanged ? 'changes not deployed' : '–',
    ]),
  );
  if (now.moreProjects > 0) out.line(style.dim(`  ${summary(now)}`));
  else if (now.projects.length === 0) out.line(style.dim('  None yet. Make some: gatewright quickstart'));
  out.line();
  for (const { text, command } of now.attention) {
    out.line(`${style.yellow('!')} ${plain(text)}${command === undefined ? '' : `  ${style.cyan(plain(command))}`}`);
  }
  const ready = now.gateways.filter(({ state }) => state === 'ready').length;
  const verdict = `Gateways ${ready}/${now.gateways.length}. ${now.attention.length === 0 ? 'Nothing needs attention.' : `${now.attention.length} to look at.`}`;
  out.line(now.attention.length === 0 ? style.green(style.bold(verdict)) : style.bold(verdict));
}

/** What is said of the projects that are not listed. */
function summary({ projects, moreProjects }: Status): string {
  const all = projects.length + moreProjects;
  if (projects.length === 0) return `${all} projects; every draft is deployed as it is, or nowhere.`;
  return `${all} projects; listed are ${projects.length} of which changes are not deployed. All: gatewright project list`;
}
