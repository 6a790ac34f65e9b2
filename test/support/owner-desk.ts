import path from 'node:path';
import type { TestContext } from 'node:test';
import type { FeedDirectory } from '#core/change-feed';
import type { ResourceOwners } from '#core/resource-owner';
import { socketLink } from '#gateway/manager-link';
import { createOwnerClient } from '#gateway/owner-client';
import { createOwnerDesk } from '#gateway/owner-desk';
import type { RunningManager } from './running-manager.ts';

/** The resource owners of a manager, as a gateway on its data directory reaches them: over the Unix socket. */
export function openOwnerDesk(t: TestContext, manager: Pick<RunningManager, 'dataDir'>): ResourceOwners {
  const link = socketLink(path.join(manager.dataDir, 'manager.sock'));
  t.after(() => link.close());
  const client = createOwnerClient(link);
  const directories: readonly FeedDirectory[] = [{ id: 'dir_1', name: 'local', displayName: 'Local', kind: 'local' }];
  return createOwnerDesk({ directories: () => directories, ask: (question) => client.ask(question) });
}
