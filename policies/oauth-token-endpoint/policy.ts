import { Refusal } from '#core/errors';
import type { Message } from '#core/message';
import { deviationsOf } from '#core/model/oauth-profile';
import type { PolicyType } from '#core/policy';
import { compileText } from '#core/whiteboard-selector';
import { type Config, schema } from './schema.ts';

const MINUTE_MS = 60_000;
/** Longest value that is stored with a token, after its selectors are resolved. */
const MAX_VALUE = 1024;

/** OAuth Token End Point: the adapter of the authorization server's port to a policy. */
export const oauthTokenEndpoint: PolicyType<Config> = {
  name: 'oauth-token-endpoint',
  title: 'OAuth Token End Point',
  description: 'Issues access tokens to clients that prove themselves, for themselves or for resource owners.',
  category: 'oauth',
  phases: ['proxyRequest'],
  schema,

  calls: ({ scopeSource, scopeChain }) => (scopeSource === 'policy' ? [scopeChain] : []),

  summarize(config) {
    const { accessTokenExpiryMs, grantTypes, profile } = config;
    const isWhole = accessTokenExpiryMs % MINUTE_MS === 0;
    const life = isWhole ? `${accessTokenExpiryMs / MINUTE_MS} min` : `${accessTokenExpiryMs} ms`;
    const names = grantTypes.map((type) => type.split(':').at(-1)).join(', ');
    return `${names}; tokens live ${life}${profile === 'custom' ? '' : profileLine(config)}`;
  },

  compile(config, { tokenIssuer, context, chains }) {
    const parts = {
      runScopeChain: config.scopeSource === 'policy' ? chains.compile(config.scopeChain) : undefined,
      resolveParameters: compileParameters(config),
    };
    return { proxyRequest: tokenIssuer.compileEndpoint(config, context, parts) };
  },
};

function profileLine(config: Config): string {
  const { length } = deviationsOf(config, config.profile);
  if (length === 0) return `; profile ${config.profile}`;
  return `; profile ${config.profile}, ${length} ${length === 1 ? 'deviation' : 'deviations'}`;
}

/** The additional parameters of a token: constant ones are made once, the others for each request. */
function compileParameters({ additionalParameters }: Config) {
  if (additionalParameters.length === 0) return undefined;
  const isConstant = additionalParameters.every(({ value }) => !value.includes('${'));
  if (isConstant) {
    const constant = Object.fromEntries(additionalParameters.map(({ name, value }) => [name, value]));
    return () => constant;
  }
  const compiled = additionalParameters.map(({ name, value }) => ({ name, resolve: compileText(value) }));
  return async (message: Message): Promise<Readonly<Record<string, string>>> => {
    const resolved: [string, string][] = [];
    for (const { name, resolve } of compiled) {
      const value = await resolve(message);
      if (value.length > MAX_VALUE) {
        const detail = `its value for the token would be longer than ${MAX_VALUE} characters`;
        throw new Refusal('oauth_request', { parameter: name, problem: 'malformed', detail });
      }
      resolved.push([name, value]);
    }
    return Object.fromEntries(resolved);
  };
}
