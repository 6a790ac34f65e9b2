import type { CreatedJoinToken } from '#core/model/server-group';
import { at } from '../api.ts';
import type { Run } from '../command-spec.ts';
import { dateTime } from '../duration.ts';
import { EXIT } from '../exit-code.ts';
import { getThing, nameOf } from '../lookup.ts';
import { nounOf } from '../noun.ts';
import { openSecretFile } from '../secret-file.ts';

/** `gatewright group join-token`: a token for one gateway, and the one command to run with it. */
export const createJoinToken: Run = async (session, input) => {
  const { out } = session;
  session.doing = `make a join token for ${input.argument(0)}`;
  const api = await session.api();
  const { thing } = await getThing(api, nounOf('group'), input.argument(0));
  const file = input.text('out');
  using saved = file === undefined ? undefined : openSecretFile(session.cwd, file);
  const { token, ...made } = await api.post<CreatedJoinToken>(at`/server-groups/${nameOf(thing)}/join-tokens`, {});
  saved?.saveValue(token);
  const command =
    saved === undefined ? made.command : `gatewright gateway --join ${made.managerUrl} --token-file ${saved.path}`;
  out.json({ ...made, command, ...(saved === undefined && { token }) });
  out.line(`Run this where the gateway is to be. It lets one in, until ${dateTime(made.endsAt)}:`);
  out.line('');
  out.line(`  ${command}`);
  return EXIT.done;
};
