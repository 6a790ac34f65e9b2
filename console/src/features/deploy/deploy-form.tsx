import { Button, Group, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Deployment } from '#core/model/deployment';
import type { DeployChoices } from '#core/model/overview/screens';
import { api, path } from '../../api/client.ts';
import { formatNumber, plural } from '../../components/format.ts';
import { Lines, Loaded, useApi } from '../../components/loaded.tsx';
import { shellWord } from '../../components/shell-word.ts';
import { ShowCommand } from '../../components/show-command.tsx';
import { Failure } from '../../components/states.tsx';
import { DiffBox } from './change-list.tsx';
import { Checks } from './checks.tsx';
import { useDeployPreview } from './use-preview.ts';

type Choice = DeployChoices['serverGroups'][number];

interface DeployFormProps {
  readonly project: string;
  readonly displayName: string;
  readonly version?: number | undefined;
  readonly serverGroup?: string | undefined;
  readonly onPlaced: (deployment: Deployment) => void;
  readonly onCancel: () => void;
}

/** Where a version should run, why, and what it changes there. */
export function DeployForm(props: DeployFormProps) {
  const choices = useApi<DeployChoices>(path`/overview/projects/${props.project}/deploy`, { refreshMs: 10_000 });
  return (
    <Loaded result={choices} what="the server groups" skeleton={<Lines count={5} />}>
      {({ serverGroups }) => <ChoiceForm {...props} serverGroups={serverGroups} />}
    </Loaded>
  );
}

function ChoiceForm({
  project,
  displayName,
  version,
  serverGroup,
  serverGroups,
  onPlaced,
  onCancel,
}: DeployFormProps & { readonly serverGroups: readonly Choice[] }) {
  const [picked, setPicked] = useState(serverGroup);
  const [note, setNote] = useState('');
  const possible = serverGroups.filter((group) => refusalOf(group) === undefined);
  // The one that was asked for, or the only sensible one.
  const chosen = possible.find(({ name }) => name === picked) ?? possible[0];
  const preview = useDeployPreview(project, chosen?.name, version);
  const deploy = useMutation({
    mutationFn: (to: string) =>
      api.post<Deployment>('/deployments', {
        project,
        serverGroup: to,
        note: note.trim(),
        ...(version !== undefined && { version }),
      }),
    onSuccess: onPlaced,
  });
  const isBlocked = preview.data?.checks.some(({ ok }) => !ok) ?? true;
  const isSame = preview.data?.diff.changes.length === 0 && preview.data.diff.from !== 'nothing';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen !== undefined && !isBlocked && !isSame) deploy.mutate(chosen.name);
      }}
    >
      <Stack>
        <Radio.Group
          label="Server group"
          description="Where this version should run"
          value={chosen?.name ?? ''}
          onChange={setPicked}
        >
          <Stack gap={8} mt={8}>
            {serverGroups.map((group) => (
              <Radio
                key={group.name}
                value={group.name}
                label={group.displayName}
                description={standingOf(group)}
                disabled={refusalOf(group) !== undefined}
              />
            ))}
          </Stack>
        </Radio.Group>
        {possible.length === 0 && (
          <Text size="sm">{displayName} cannot be deployed to any server group now; each says why.</Text>
        )}
        {chosen !== undefined && (
          <TextInput
            label="Note"
            description="Shown in the deployment history"
            placeholder="What it is for"
            maxLength={500}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        )}
        {chosen !== undefined && (
          <Loaded result={preview} what="the changes" skeleton={<Lines count={3} />}>
            {({ diff, checks }) => (
              <Stack gap="sm">
                <DiffBox
                  diff={diff}
                  nothing={`${diff.from} already runs on ${chosen.displayName} with the same content. There is nothing to deploy.`}
                />
                <Checks checks={checks} />
              </Stack>
            )}
          </Loaded>
        )}
        {deploy.isError && <Failure what="Could not deploy." error={deploy.error} />}
        {chosen !== undefined && <ShowCommand command={commandOf({ project, to: chosen.name, version, note })} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          {chosen !== undefined && (
            <Button type="submit" loading={deploy.isPending} disabled={isBlocked || isSame}>
              Deploy to {chosen.displayName}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

/** Why nothing can be deployed there; undefined when it can. */
function refusalOf({ isAllowed, gatewaysUp, displayName }: Choice): string | undefined {
  if (!isAllowed) return `Needs the Releaser role on ${displayName}`;
  return gatewaysUp === 0 ? 'No gateway is up' : undefined;
}

/** `2 gateways up · runs v3 · 1 240 requests/min now`. */
function standingOf(group: Choice): string {
  const { gatewaysUp, gateways, version, requestsPerMinute } = group;
  const up =
    gatewaysUp === gateways
      ? `${plural(gatewaysUp, 'gateway', 'gateways')} up`
      : `${gatewaysUp} of ${plural(gateways, 'gateway', 'gateways')} up`;
  const parts = [
    refusalOf(group) ?? up,
    version === undefined ? 'nothing runs yet' : `runs v${version}`,
    ...(requestsPerMinute === undefined || version === undefined
      ? []
      : [`${formatNumber(requestsPerMinute)} requests/min now`]),
  ];
  return parts.join(' · ');
}

function commandOf(what: {
  readonly project: string;
  readonly to: string;
  readonly version: number | undefined;
  readonly note: string;
}): string {
  const note = what.note.trim();
  return [
    `gatewright deploy ${what.project} --to ${what.to}`,
    ...(what.version === undefined ? [] : [`--version v${what.version}`]),
    ...(note === '' ? [] : [`--note ${shellWord(note)}`]),
  ].join(' ');
}
