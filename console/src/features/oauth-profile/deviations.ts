import {
  applyProfile,
  authorizationDeviationsOf,
  type Deviation,
  deviationsOf,
  PROFILES,
  type Profile,
} from '#core/model/oauth-profile';
import type { Policy } from '#core/model/policy';
import type { Field, Settings } from '../../schema-form/field.ts';
import { withValue } from '../../schema-form/settings-path.ts';

const TOKEN_END_POINT = 'oauth-token-endpoint';
const AUTHORIZATION_END_POINT = 'oauth-authorization-endpoint';

/** Profiles as people read them. */
export const PROFILE_TITLES: Readonly<Record<Profile, string>> = {
  custom: 'Custom',
  seed: 'Seed (as the older products have it)',
  bcp: 'BCP (RFC 9700)',
};

/** A profile, and where settings are not as it has them. */
export interface Profiled {
  readonly profile: Profile;
  readonly deviations: readonly Deviation[];
}

/**
 * How the settings of a policy stand to the profile of its authorization server; undefined for policies without one, and where nothing is
 * asked. `tokenProfile`: the profile of the token end point, for an authorization end point.
 */
export function profiled(
  { type, config }: Pick<Policy, 'type' | 'config'>,
  tokenProfile: Profile | undefined,
): Profiled | undefined {
  const profile =
    type === TOKEN_END_POINT ? profileOf(config) : type === AUTHORIZATION_END_POINT ? tokenProfile : undefined;
  if (profile === undefined || profile === 'custom') return undefined;
  const deviations =
    type === TOKEN_END_POINT ? deviationsOf(config, profile) : authorizationDeviationsOf(config, profile);
  return { profile, deviations };
}

/** Settings as they take effect: what was left out has its default. */
export function withDefaults(settings: Settings, fields: readonly Field[]): Settings {
  return { ...Object.fromEntries(fields.map(({ name, default: value }) => [name, value])), ...settings };
}

/** What somebody has written, with all that follows: who chooses another profile gets its settings. */
export function withProfile(type: string, before: Settings, after: Settings): Settings {
  const profile = profileOf(after);
  const isChosen = type === TOKEN_END_POINT && profile !== profileOf(before);
  return isChosen && profile !== undefined ? applyProfile(after, profile) : after;
}

/** Settings without these deviations. */
export function mended(settings: Settings, deviations: readonly Deviation[]): Settings {
  return deviations.reduce(
    (done, { pointer, should }) => withValue(done, pointer.split('/').slice(1), should),
    settings,
  );
}

/** The title of the field at a pointer, with that of the group in which it is. */
export function titleAt(pointer: string, fields: readonly Field[]): string {
  const [, name, ...rest] = pointer.split('/');
  const field = fields.find((known) => known.name === name);
  if (field === undefined) return pointer.slice(1);
  return field.kind === 'group' && rest.length > 0
    ? `${field.title}: ${titleAt(`/${rest.join('/')}`, field.fields)}`
    : field.title;
}

/** A value of a setting, in words. */
export function valueInWords(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value)) return value.join(', ') || 'none';
  return value === undefined || value === '' ? 'nothing' : String(value);
}

function profileOf({ profile }: Settings): Profile | undefined {
  return PROFILES.find((known) => known === profile);
}
