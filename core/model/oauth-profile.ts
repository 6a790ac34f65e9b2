// What the profiles of the authorization server ask of settings. Without dependencies: the console's form uses it in the browser.

/** `seed`: the older products' defaults. `bcp`: RFC 9700. `custom`: nothing is asked. */
export const PROFILES = ['custom', 'seed', 'bcp'] as const;
export type Profile = (typeof PROFILES)[number];

/** A setting that is not as the profile has it. */
export interface Deviation {
  /** JSON pointer into the policy's settings. */
  readonly pointer: string;
  readonly is: unknown;
  readonly should: unknown;
  /** One sentence: what is at stake. */
  readonly why: string;
  /** Where it is written, e.g. `RFC 9700 §2.4`. */
  readonly source: string;
}

/** One thing that a profile asks: `mend` gives a value as it should be, and the value itself when it is so already. */
interface Rule {
  readonly pointer: string;
  readonly mend: (value: unknown) => unknown;
  readonly why: string;
  readonly source: string;
}

const exactly = (value: unknown) => () => value;
const atLeast = (least: number) => (value: unknown) => (typeof value === 'number' && value >= least ? value : least);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const without = (item: string) => (value: unknown) => listOf(value).filter((one) => one !== item);
const withAll = (items: readonly string[]) => (value: unknown) => [...new Set([...listOf(value), ...items])];

const SECRET_IN_QUERY = 'A secret in the query stands in the logs of every proxy between.';

/** Rules of the OAuth Token End Point policy. */
const TOKEN_RULES: Readonly<Record<Profile, readonly Rule[]>> = {
  custom: [],
  seed: [
    {
      pointer: '/accessTokenExpiryMs',
      mend: exactly(3_600_000),
      why: 'The Access Token Expiry defaults to one hour.',
      source: 'seed 002',
    },
    {
      pointer: '/grantTypes',
      mend: withAll(['client_credentials', 'authorization_code', 'refresh_token', 'password']),
      why: 'All four are described; RFC 9700 §2.4 says not to use password.',
      source: 'seed 000',
    },
    {
      pointer: '/clientCredentialsIn/header',
      mend: exactly(true),
      why: 'In Authorization Header is the default setting.',
      source: 'seed 002',
    },
    {
      pointer: '/clientCredentialsIn/body',
      mend: exactly(true),
      why: 'client_id and client_secret are form parameters.',
      source: 'seed 000',
    },
    {
      pointer: '/clientCredentialsIn/idParameter',
      mend: exactly('client_id'),
      why: 'The Client Id defaults to client_id.',
      source: 'seed 002',
    },
    {
      pointer: '/clientCredentialsIn/secretParameter',
      mend: exactly('client_secret'),
      why: 'The Client Secret defaults to client_secret.',
      source: 'seed 002',
    },
    {
      pointer: '/accessTokenLength',
      mend: exactly(54),
      why: 'The Access Token Length defaults to 54.',
      source: 'seed 002',
    },
    {
      pointer: '/accessTokenType',
      mend: exactly('Bearer'),
      why: 'The Access Token Type defaults to Bearer.',
      source: 'seed 002',
    },
    {
      pointer: '/includeRefreshToken',
      mend: exactly(true),
      why: 'Include Refresh Token is selected by default.',
      source: 'seed 002',
    },
    {
      pointer: '/refreshTokenForClientCredentials',
      mend: exactly(true),
      why: 'The client credentials filter includes one; RFC 6749 §4.4.3 says that it should not.',
      source: 'seed 002',
    },
    {
      pointer: '/refreshTokenExpiryMs',
      mend: exactly(43_200_000),
      why: 'The Refresh Token Expiry defaults to twelve hours.',
      source: 'seed 002',
    },
    {
      pointer: '/refreshTokenLength',
      mend: exactly(46),
      why: 'The Refresh Token Length defaults to 46.',
      source: 'seed 002',
    },
    {
      pointer: '/scopeSource',
      mend: exactly('registered'),
      why: 'Scopes come from the registered application by default.',
      source: 'seed 002',
    },
    { pointer: '/scopeMatch', mend: exactly('any'), why: 'Scopes match Any by default.', source: 'seed 002' },
    {
      pointer: '/scopeAttribute',
      mend: exactly('scopes.for.token'),
      why: 'The attribute defaults to scopes.for.token.',
      source: 'seed 002',
    },
  ],
  bcp: [
    {
      pointer: '/grantTypes',
      mend: without('password'),
      why: 'It hands passwords of resource owners to clients, and trains people to enter them anywhere.',
      source: 'RFC 9700 §2.4',
    },
    { pointer: '/clientCredentialsIn/query', mend: exactly(false), why: SECRET_IN_QUERY, source: 'RFC 6749 §2.3.1' },
    {
      pointer: '/refreshTokenForClientCredentials',
      mend: exactly(false),
      why: 'The client can ask again at any time; a refresh token is one more thing to lose.',
      source: 'RFC 6749 §4.4.3',
    },
    {
      pointer: '/refreshTokenRotation',
      mend: exactly('rotate'),
      why: 'A stolen refresh token is noticed only when it is rotated.',
      source: 'RFC 9700 §4.14.2',
    },
    {
      pointer: '/refreshGraceMs',
      mend: exactly(0),
      why: 'Within the grace a thief is not noticed.',
      source: 'RFC 9700 §4.14.2',
    },
    {
      pointer: '/accessTokenLength',
      mend: atLeast(43),
      why: 'Fewer characters are less than 256 bits.',
      source: 'RFC 6749 §10.10',
    },
    {
      pointer: '/refreshTokenLength',
      mend: atLeast(43),
      why: 'Fewer characters are less than 256 bits.',
      source: 'RFC 6749 §10.10',
    },
    {
      pointer: '/tokenInformation',
      mend: exactly(false),
      why: 'It tells about tokens without asking who wants to know.',
      source: 'RFC 7662 §2.1',
    },
  ],
};

/** Rules of the OAuth Authorization End Point policy. */
const AUTHORIZATION_RULES: Readonly<Record<Profile, readonly Rule[]>> = {
  custom: [],
  seed: [],
  bcp: [
    {
      pointer: '/responseTypes',
      mend: without('token'),
      why: 'A token in a redirect leaks by history and referrer, and can be injected.',
      source: 'RFC 9700 §2.1.2',
    },
    {
      pointer: '/requirePkce',
      mend: exactly('always'),
      why: 'Without it a stolen code can be injected into the session of somebody else.',
      source: 'RFC 9700 §2.1.1',
    },
  ],
};

/** Where settings differ from what a profile asks of a token end point. */
export function deviationsOf(settings: object, profile: Profile): readonly Deviation[] {
  return deviations(settings, TOKEN_RULES[profile]);
}

/** The same for the settings of an authorization end point; the profile is that of its token end point. */
export function authorizationDeviationsOf(settings: object, profile: Profile): readonly Deviation[] {
  return deviations(settings, AUTHORIZATION_RULES[profile]);
}

/** Settings of a token end point, set as the profile has them; what it does not speak of stays. */
export function applyProfile(settings: object, profile: Profile): Readonly<Record<string, unknown>> {
  return mended({ ...settings, profile }, deviationsOf(settings, profile));
}

/** The same of an authorization end point, which names no profile itself. */
export function applyAuthorizationProfile(settings: object, profile: Profile): Readonly<Record<string, unknown>> {
  return mended({ ...settings }, authorizationDeviationsOf(settings, profile));
}

function mended(settings: Readonly<Record<string, unknown>>, found: readonly Deviation[]) {
  return found.reduce((done, { pointer, should }) => written(done, pathOf(pointer), should), settings);
}

function deviations(settings: object, rules: readonly Rule[]): readonly Deviation[] {
  return rules.flatMap(({ pointer, mend, why, source }) => {
    const is = read(settings, pathOf(pointer));
    const should = mend(is);
    return JSON.stringify(is) === JSON.stringify(should) ? [] : [{ pointer, is, should, why, source }];
  });
}

function pathOf(pointer: string): readonly string[] {
  return pointer.split('/').slice(1);
}

function read(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  return typeof value === 'object' && value !== null ? read(Reflect.get(value, name), rest) : undefined;
}

function written(
  value: Readonly<Record<string, unknown>>,
  [name = '', ...rest]: readonly string[],
  should: unknown,
): Readonly<Record<string, unknown>> {
  const inner = value[name];
  const isNested = rest.length > 0 && typeof inner === 'object' && inner !== null;
  return { ...value, [name]: isNested ? written({ ...inner }, rest, should) : should };
}
