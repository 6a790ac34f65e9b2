import type { Contestant } from '../../contestant.ts';
import { createFlowRequests, redirectUri } from '../../flows.ts';
import { benchClient, createTokenRequest, openNodeServer } from '../../node-server.ts';
import { peerServer } from '../../prerequisite.ts';

/** oidc-provider, everything in memory. */
export const oidcProvider: Contestant = {
  name: 'oidc-provider',
  about: 'oidc-provider 9, everything in memory',
  works: ['tokens', 'introspection', 'code', 'refresh'],
  prepare: (prerequisites) => prerequisites.installPeers(),
  open: (context) =>
    openNodeServer(
      {
        script: peerServer('oidc-provider'),
        env: { CLIENT_ID: benchClient.id, CLIENT_SECRET: benchClient.secret, REDIRECT_URI: redirectUri },
        work: 'tokens',
        createRequest: (url) => createTokenRequest(`${url}/token`, benchClient),
        createFurther: (url) =>
          createFlowRequests(
            {
              ...{ tokenUrl: `${url}/token`, introspectionUrl: `${url}/token/introspection`, client: benchClient },
              openAuthorization: async () => ({
                ...{ url: `${url}/auth`, scope: 'openid', owner: { name: 'alice', password: '' } },
              }),
            },
            context.tokens,
          ),
      },
      context,
    ),
};
