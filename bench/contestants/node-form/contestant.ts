import { join } from 'node:path';
import type { Contestant } from '../../contestant.ts';
import { benchClient, createTokenRequest, openNodeServer } from '../../node-server.ts';

/** A form POST over `node:http` that parses, hashes and answers; it keeps nothing. */
export const nodeForm: Contestant = {
  name: 'node-form',
  about: 'bare node:http, nothing stored',
  works: ['tokens'],
  async prepare() {},
  open: (context) =>
    openNodeServer(
      {
        script: join(import.meta.dirname, 'server.ts'),
        env: { CLIENT_ID: benchClient.id, CLIENT_SECRET: benchClient.secret },
        work: 'tokens',
        createRequest: (url) => createTokenRequest(`${url}/token`, benchClient),
      },
      context,
    ),
};
