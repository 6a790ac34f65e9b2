import type { Contestant } from '../../contestant.ts';
import { benchClient, createTokenRequest, openNodeServer } from '../../node-server.ts';
import { peerServer } from '../../prerequisite.ts';

/** oidc-provider with its in-memory adapter. */
export const oidcProvider: Contestant = {
  name: 'oidc-provider',
  about: 'oidc-provider 9, tokens in memory',
  works: ['tokens'],
  prepare: (prerequisites) => prerequisites.installPeers(),
  open: (context) =>
    openNodeServer(
      {
        script: peerServer('oidc-provider'),
        env: { CLIENT_ID: benchClient.id, CLIENT_SECRET: benchClient.secret },
        work: 'tokens',
        createRequest: (url) => createTokenRequest(`${url}/token`, benchClient),
      },
      context,
    ),
};
