import { join } from 'node:path';
import { waitFor } from './answer.ts';
import { openNginx } from './nginx.ts';
import { upstreamBody } from './upstream-body.ts';

/** The server behind every proxy, on the load generator's core. */
export async function openUpstream(
  dir: string,
  core: number,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const nginx = await openNginx(join(import.meta.dirname, 'upstream.conf'), { dir, core }, { BODY: upstreamBody });
  try {
    await waitFor({ url: `${nginx.url}/plain/`, method: 'GET' }, 'plain', nginx.child);
  } catch (error) {
    await nginx.child.close();
    throw error;
  }
  return { url: nginx.url, close: nginx.child.close };
}
