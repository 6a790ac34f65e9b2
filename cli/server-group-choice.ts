import type { ServerGroup } from '#core/model/server-group';
import type { Api } from './api.ts';
import { usageError } from './cli-error.ts';
import { getThing } from './lookup.ts';
import { nounOf } from './noun.ts';

/** The server group of an option, or the only one there is. @throws CliError (usage) when one must be named */
export async function chooseServerGroup(api: Api, reference: string | undefined, flag: string): Promise<ServerGroup> {
  if (reference !== undefined) return (await getThing<ServerGroup>(api, nounOf('group'), reference)).thing;
  const groups = await api.list<ServerGroup>('/server-groups');
  const [only, ...others] = groups;
  if (only !== undefined && others.length === 0) return only;
  throw usageError(`Name the server group with ${flag}: ${groups.map(({ name }) => name).join(', ')}.`);
}
