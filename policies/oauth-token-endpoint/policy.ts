import type { PolicyType } from '#core/policy';
import { type Config, schema } from './schema.ts';

const MINUTE_MS = 60_000;

/** OAuth Token End Point: the adapter of the authorization server's port to a policy. */
export const oauthTokenEndpoint: PolicyType<Config> = {
  name: 'oauth-token-endpoint',
  title: 'OAuth Token End Point',
  description: 'Issues access tokens to clients that prove themselves with consumer key and secret.',
  category: 'oauth',
  phases: ['proxyRequest'],
  schema,

  summarize({ accessTokenExpiryMs, grantTypes }) {
    const isWhole = accessTokenExpiryMs % MINUTE_MS === 0;
    const life = isWhole ? `${accessTokenExpiryMs / MINUTE_MS} min` : `${accessTokenExpiryMs} ms`;
    return `${grantTypes.join(', ')}; tokens live ${life}`;
  },

  compile(config, { tokenIssuer, context }) {
    return { proxyRequest: tokenIssuer.compileEndpoint(config, context) };
  },
};
