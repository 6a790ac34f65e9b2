import { join } from 'node:path';
import type { Contestant } from '../../contestant.ts';
import { openNodeServer } from '../../node-server.ts';

/** `node:http` on both sides and nothing else. */
export const nodeHttp: Contestant = {
  name: 'node-http',
  about: 'bare node:http on both sides',
  works: ['plain'],
  async prepare() {},
  open: (context) =>
    openNodeServer(
      {
        script: join(import.meta.dirname, 'server.ts'),
        env: { UPSTREAM: context.upstream },
        work: 'plain',
        createRequest: (url) => ({ url: `${url}/plain/`, method: 'GET' }),
      },
      context,
    ),
};
