import type { ProjectOverview } from '#core/model/overview/screens';

/** What the lines need of a project. */
export type CalledProject = Pick<ProjectOverview, 'project' | 'policies' | 'urls' | 'tokenUrls' | 'consumerKey'>;

/** Where clients keep the secret, in the lines. */
const SECRET = '"$CONSUMER_SECRET"';

/** Stands where there is no key yet. */
const NO_KEY = 'CONSUMER_KEY';

/** The address to call: where it is live, or else where it will be. */
function urlToCall({ urls }: CalledProject): string | undefined {
  return (urls.find(({ isLive }) => isLive) ?? urls[0])?.url;
}

/**
 * Lines for a shell that call a project: with its real consumer key and token end point, and the secret out of the environment.
 * `undefined` when there is no address to call.
 */
export function callLines(called: CalledProject): string | undefined {
  const url = urlToCall(called);
  if (url === undefined) return undefined;
  const credentials = `-u ${quoted(called.consumerKey ?? NO_KEY)}:${SECRET} -d grant_type=client_credentials`;
  if (called.project.kind === 'oauth-token-endpoint') return `curl -i ${credentials} ${quoted(url)}`;
  const places = tokenPlaces(called);
  if (places === undefined) return `curl -i ${quoted(url)}`;
  const server = called.urls.find((place) => place.url === url)?.serverGroup;
  const tokenUrl = (called.tokenUrls.find(({ serverGroup }) => serverGroup === server) ?? called.tokenUrls[0])?.url;
  const pick = `sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/'`;
  const getToken = `TOKEN=$(curl -s ${credentials} \\\n  ${quoted(tokenUrl ?? 'TOKEN_URL')} \\\n  | ${pick})`;
  return `${getToken}\n${callWithToken(url, places)}`;
}

function callWithToken(url: string, places: readonly string[]): string {
  if (places.includes('header')) return `curl -i -H "Authorization: Bearer $TOKEN" ${quoted(url)}`;
  if (places.includes('query')) return `curl -i "${url}?access_token=$TOKEN"`;
  return `curl -i -d access_token="$TOKEN" ${quoted(url)}`;
}

/** Where the token is looked for; `undefined` when none is asked for. */
function tokenPlaces({ project, policies }: CalledProject): readonly string[] | undefined {
  const check =
    policies.find(({ name }) => name === project.securePolicy) ??
    policies.find(({ type }) => type === 'oauth-verify-access-token');
  const places = check?.config.tokenIn;
  if (check === undefined) return undefined;
  return Array.isArray(places) ? places.map(String) : ['header'];
}

/** A word for a shell. */
function quoted(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
