import { List, Stack } from '@mantine/core';
import { useState } from 'react';
import type { Policy } from '#core/model/policy';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { Confirm } from '../../components/dialog.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { tell } from '../../components/notify.ts';
import { shellWord } from '../../components/shell-word.ts';
import { ShowCommand } from '../../components/show-command.tsx';
import { PROFILE_TITLES, type Profiled, valueInWords } from './deviations.ts';

interface SetProfileProps {
  /** Name of the project. */
  readonly project: string;
  readonly policy: Policy;
  readonly found: Profiled;
}

/** Sets a policy as its profile has it, without its form: says what changes, then asks. */
export function SetProfile({ project, policy, found: { profile, deviations } }: SetProfileProps) {
  const right = useRight('projects:write');
  const [isAsking, setAsking] = useState(false);
  const title = PROFILE_TITLES[profile];
  return (
    <>
      <GuardedButton right={right} size="compact-sm" variant="default" onClick={() => setAsking(true)}>
        Set as the profile has it…
      </GuardedButton>
      <Confirm
        title={`Set ${policy.displayName} as ${title} has it?`}
        act="Set as the profile has it"
        isOpen={isAsking}
        failure={`Could not set ${policy.displayName}.`}
        onClose={() => setAsking(false)}
        onConfirm={async () => {
          await api.put(path`/projects/${project}/policies/${policy.name}/profile`, { profile }, policy.revision);
          await refreshAll();
          tell(`${policy.displayName} is as the profile ${title} has it, in the draft.`);
        }}
      >
        <Stack>
          <List size="sm">
            {deviations.map(({ pointer, is, should }) => (
              <List.Item key={pointer}>
                {pointer.slice(1).replaceAll('/', '.')}: {valueInWords(is)} → {valueInWords(should)}
              </List.Item>
            ))}
          </List>
          <span>It is live with the next deployment.</span>
          <ShowCommand command={`gatewright policy profile ${shellWord(`${project}/${policy.name}`)} ${profile}`} />
        </Stack>
      </Confirm>
    </>
  );
}
