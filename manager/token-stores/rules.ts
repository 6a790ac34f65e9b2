import type { CreateTokenStore, PatchTokenStore, TokenStorePlace, TokenStoreView } from '#core/model/token-store';
import { wrongValue } from '../http/validation.ts';
import { given } from '../records/record.ts';
import type { TokenStoreSettings } from '../records/token-store.ts';

/** Under which name the settings of a kind stand; `memory` has none. */
const SETTINGS_OF = {
  memory: undefined,
  redis: 'redis',
  sqlite: 'sqlite',
  postgres: 'postgres',
  cassandra: 'cassandra',
  'cassandra-embedded': 'embedded',
} as const satisfies Record<TokenStoreView['kind'], keyof TokenStoreSettings | undefined>;

const ALL_SETTINGS = ['redis', 'sqlite', 'postgres', 'cassandra', 'embedded'] as const;

/** Settings and password of a store. */
export interface SplitSettings {
  readonly settings: TokenStoreSettings;
  readonly password: string | undefined;
}

/**
 * Takes the body of a create apart, with the defaults of kinds that need no settings.
 * @throws ProblemError `validation_failed`, with a pointer to what does not fit its kind
 */
export function splitCreate(body: Omit<CreateTokenStore, 'name' | 'displayName'>): SplitSettings {
  const { kind } = body;
  refuseOthers(body, kind);
  const own = SETTINGS_OF[kind];
  if (own === undefined) return { settings: {}, password: undefined };
  const defaults = { sqlite: { file: '' }, embedded: { heapMb: 384, commitLog: 'group' } } as const;
  const asked = body[own] ?? (own === 'sqlite' || own === 'embedded' ? defaults[own] : undefined);
  if (asked === undefined) throw wrongValue(`/${own}`, 'required', `A token store of the kind ${kind} needs them.`);
  const { password, ...fields } = { password: undefined, ...asked };
  const settings: TokenStoreSettings = { [own]: fields };
  checkSettings(settings);
  return { settings, password };
}

/** The settings after a patch. @throws ProblemError `validation_failed` */
export function patchSettings(
  before: TokenStoreSettings & { readonly kind: TokenStoreView['kind']; readonly hasPassword: boolean },
  body: PatchTokenStore,
): SplitSettings {
  refuseOthers(body, before.kind);
  const own = SETTINGS_OF[before.kind];
  if (own === undefined || own === 'sqlite' || body[own] === undefined)
    return { settings: pick(before), password: undefined };
  const { password, ...fields } = given(body[own] as { password?: string | undefined });
  const settings: TokenStoreSettings = { [own]: { ...before[own], ...fields } };
  checkSettings(settings);
  if (before.hasPassword && password === undefined && goesElsewhere(before, settings))
    throw wrongValue(
      `/${own}/password`,
      'required',
      'The one that is kept was given for the server of before. Give it again.',
    );
  return { settings, password };
}

/** What an engine is opened with. */
export function placeFrom(kind: TokenStoreView['kind'], { settings, password }: SplitSettings): TokenStorePlace {
  return { kind, ...settings, ...(password !== undefined && { password }) } as TokenStorePlace;
}

function refuseOthers(
  body: Partial<Record<(typeof ALL_SETTINGS)[number], unknown>>,
  kind: TokenStoreView['kind'],
): void {
  const other = ALL_SETTINGS.find((name) => name !== SETTINGS_OF[kind] && body[name] !== undefined);
  if (other !== undefined)
    throw wrongValue(`/${other}`, 'not_allowed', `A token store of the kind ${kind} has none of these settings.`);
}

/** What a schema cannot say. */
function checkSettings({ redis }: TokenStoreSettings): void {
  if (redis === undefined) return;
  const { mode, nodes, sentinelName, database } = redis;
  if (mode === 'single' && nodes.length > 1)
    throw wrongValue(
      '/redis/nodes',
      'too_many',
      'A single server is one node. For several choose sentinel or cluster.',
    );
  if (mode === 'sentinel' && sentinelName === '')
    throw wrongValue('/redis/sentinelName', 'required', 'Give the name under which the Sentinels watch the primary.');
  if (mode === 'cluster' && database !== 0)
    throw wrongValue('/redis/database', 'not_allowed', 'A Cluster has no database but 0.');
}

/** True when what is kept would be shown to another server, or less protected. */
function goesElsewhere(before: TokenStoreSettings, after: TokenStoreSettings): boolean {
  const place = ({ redis, postgres, cassandra }: TokenStoreSettings) =>
    JSON.stringify([
      ...[redis?.nodes, redis?.tls, redis?.ca, postgres?.host, postgres?.port, postgres?.tls, postgres?.ca],
      ...[cassandra?.contactPoints, cassandra?.tls, cassandra?.ca],
    ]);
  return place(before) !== place(after);
}

function pick({ redis, sqlite, postgres, cassandra, embedded }: TokenStoreSettings): TokenStoreSettings {
  return given({ redis, sqlite, postgres, cassandra, embedded });
}
