import type { Run } from '../command-spec.ts';
import { EXIT } from '../exit-code.ts';

/** `gatewright version`: this program's and, when it can be reached, the server's. */
export const versionCommand: Run = async (session) => {
  const server = await session
    .api()
    .then((api) => api.get<{ version: string; api: string }>('/version'))
    .catch(() => undefined);
  session.out.json({ version: session.version, node: process.versions.node, server: server ?? null });
  session.out.line(`gatewright ${session.version} (Node ${process.versions.node})`);
  session.out.line(
    server === undefined ? 'server     not reached' : `server     ${server.version} (API ${server.api})`,
  );
  return EXIT.done;
};
