import { join } from 'node:path';
import { waitFor } from '../../answer.ts';
import type { Contestant } from '../../contestant.ts';
import type { LoadRequest } from '../../load.ts';
import { openNginx } from '../../nginx.ts';

/** nginx `proxy_pass` with kept upstream connections: the limit. */
export const nginx: Contestant = {
  name: 'nginx',
  about: 'proxy_pass, upstream connections kept',
  works: ['plain'],
  async prepare() {},
  async open(context) {
    const launchedAt = performance.now();
    const config = join(import.meta.dirname, 'nginx.conf');
    const { child, url } = await openNginx(config, context, { UPSTREAM: new URL(context.upstream).host });
    const request: LoadRequest = { url: `${url}/plain/`, method: 'GET' };
    try {
      await waitFor(request, 'plain', child);
    } catch (error) {
      await child.close();
      throw error;
    }
    return {
      pid: child.pid,
      requests: { plain: request },
      firstAnswerMs: performance.now() - launchedAt,
      close: child.close,
    };
  },
};
