import type { PolicyType } from '#core/policy';
import { type Config, schema } from './schema.ts';

/** OAuth Authorization End Point: the adapter of the authorization server's port to a policy. */
export const oauthAuthorizationEndpoint: PolicyType<Config> = {
  name: 'oauth-authorization-endpoint',
  title: 'OAuth Authorization End Point',
  description: 'Lets people sign in and allow applications to act on their behalf.',
  category: 'oauth',
  phases: ['proxyRequest'],
  schema,

  summarize({ tokenProject, directories, responseTypes }) {
    return `${responseTypes.join(', ')} for ${tokenProject}; people of ${directories.join(', ')}`;
  },

  compile(config, { authorizationEndpoint, context }) {
    return { proxyRequest: authorizationEndpoint.compileAuthorization(config, context) };
  },
};
